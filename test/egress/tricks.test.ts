import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { egressOf, httpServer, namesOf, rawServer, refusal } from './servers.ts'

const test = suite('tricks to reach what is refused')

const inner = await httpServer((_, response) => response.end('secret'))
const { port } = inner
const none = namesOf({})

/** Each way to write it, with a port where somebody would answer. */
const SPELLINGS: Readonly<Record<string, string>> = {
  loopback: `http://127.0.0.1:${port}/`,
  'another loopback': `http://127.9.8.7:${port}/`,
  'a short address': `http://127.1:${port}/`,
  'a decimal address': `http://2130706433:${port}/`,
  'an octal address': `http://0177.0.0.1:${port}/`,
  'a hexadecimal address': `http://0x7f000001:${port}/`,
  'mixed bases': `http://0x7f.0.0x0.01:${port}/`,
  'full-width digits': `http://１２７.０.０.１:${port}/`,
  'ideographic dots': `http://127。0。0。1:${port}/`,
  'escaped digits': `http://%31%32%37.0.0.1:${port}/`,
  'a trailing dot': `http://127.0.0.1.:${port}/`,
  'the unspecified address': `http://0.0.0.0:${port}/`,
  'the address zero': `http://0:${port}/`,
  'IPv6 loopback': `http://[::1]:${port}/`,
  'IPv6 unspecified': `http://[::]:${port}/`,
  'an IPv6-mapped address': `http://[::ffff:127.0.0.1]:${port}/`,
  'an IPv6-mapped address in hexadecimal': `http://[::ffff:7f00:1]:${port}/`,
  'an IPv4-compatible address': `http://[::127.0.0.1]:${port}/`,
  'a translated address': `http://[::ffff:0:127.0.0.1]:${port}/`,
  'a 6to4 address': `http://[2002:7f00:1::]:${port}/`,
  'a NAT64 address': `http://[64:ff9b::127.0.0.1]:${port}/`,
  'a Teredo address': `http://[2001:0:7f00:1::]:${port}/`,
  'a link-local address': 'http://[fe80::1]/',
  'the metadata address': 'http://169.254.169.254/latest/meta-data/',
  'the metadata address in decimal': 'http://2852039166/',
  'the IPv6 metadata address': 'http://[fd00:ec2::254]/',
  'the metadata address of Azure': 'http://168.63.129.16/machine',
  'a private network': 'http://192.168.0.1/',
  'the carriers’ network': 'http://100.64.0.1/',
}

for (const [name, address] of Object.entries(SPELLINGS)) {
  test(`${name} is refused`, async () => {
    const egress = egressOf({ resolve: none.resolve })
    assert.match(
      await refusal(egress.fetch(new Request(address), 0)),
      /is refused: .* is not a public address/,
    )
    const socket = egress.connect(address.replace('http', 'ws'), [], 0, new AbortController().signal)
    assert.match(await refusal(socket), /is refused: .* is not a public address/)
  })
}

test('an address is never looked up', () => {
  assert.equal(none.asked, [])
})

test('a zone is no part of an address', () => {
  assert.throws(() => new Request('http://[fe80::1%25eth0]/'))
})

for (const host of ['localhost', 'LOCALHOST', 'localhost.', 'app.localhost']) {
  test(`${host} is refused as the machine resolves it`, async () => {
    const sentence = await refusal(egressOf().fetch(new Request(`http://${host}:${port}/`), 0))
    assert.match(sentence, /is not a public address|could not be resolved/)
  })
}

for (const [host, address] of [
  ['inner.test', '127.0.0.1'],
  ['mapped.test', '::ffff:127.0.0.1'],
  ['metadata.test', '169.254.169.254'],
  ['zone.test', 'fe80::1%eth0'],
  ['nothing.test', 'not an address'],
] as const) {
  test(`a name that leads to ${address} is refused`, async () => {
    const egress = egressOf(namesOf({ [host]: [address] }))
    const sentence = await refusal(egress.fetch(new Request(`http://${host}:${port}/`), 0))
    assert.match(sentence, `${address} is not a public address`)
  })
}

test('a user name or password in the address is refused', async () => {
  for (const address of [`http://example.com@127.0.0.1:${port}/`, `http://a:b@127.0.0.1:${port}/`]) {
    const fetched = (async () => egressOf({ policy: 'all' }).fetch(new Request(address), 0))()
    assert.match(await refusal(fetched), /credentials|user name/)
    const socket = egressOf({ policy: 'all' }).connect(
      address.replace('http', 'ws'),
      [],
      0,
      AbortSignal.timeout(1000),
    )
    assert.match(await refusal(socket), 'user name')
  }
})

for (const address of [
  'file:///etc/hostname',
  'data:text/plain,hello',
  'blob:null/1',
  'ftp://127.0.0.1/',
  'ws://127.0.0.1/',
  'gopher://127.0.0.1/',
  'javascript:1',
  'about:blank',
]) {
  test(`${address} is refused by its scheme`, async () => {
    const fetched = (async () => egressOf({ policy: 'all' }).fetch(new Request(address), 0))()
    assert.match(await refusal(fetched), 'its scheme must be http or https')
  })
}

test('a socket is opened to ws and wss alone', async () => {
  for (const scheme of ['http', 'https', 'file', 'unix']) {
    const socket = egressOf({ policy: 'all' }).connect(
      `${scheme}://127.0.0.1/`,
      [],
      0,
      AbortSignal.timeout(1000),
    )
    assert.match(await refusal(socket), 'its scheme must be ws or wss')
  }
})

for (const method of ['CONNECT', 'TRACE', 'TRACK', 'connect', 'GET / HTTP/1.1\r\nx: y', 'GE T', '']) {
  test(`the method ${JSON.stringify(method)} is refused`, () => {
    assert.throws(() => new Request(`http://127.0.0.1:${port}/`, { method }), TypeError)
  })
}

for (const [name, value] of [
  ['x', 'a\r\nhost: evil'],
  ['x', 'a\nb'],
  ['x', 'a\0b'],
  ['x\r\ny', 'a'],
  ['x: y', 'a'],
  ['', 'a'],
  ['x', '\u0100'],
] as const) {
  test(`the header ${JSON.stringify([name, value])} is refused`, () => {
    assert.throws(() => new Headers([[name, value]]), TypeError)
  })
}

test('line breaks in an address do not reach the connection', async () => {
  const heads: string[] = []
  await using server = await rawServer((socket) => {
    socket.on('data', (bytes) => {
      heads.push(String(bytes))
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
  })
  const request = new Request(`http://127.0.0.1:${server.port}/a%0d%0ax: y\r\n\r\nGET /\t?q=\r\nz b`)
  await egressOf({ policy: 'all' }).fetch(request, 0)
  assert.is(heads[0]!.split('\r\n')[0], 'GET /a%0d%0ax:%20yGET%20/?q=z%20b HTTP/1.1')
  assert.is(heads[0]!.split('\r\n\r\n').length, 2)
})

test('an address in the path or in the search stays there', async () => {
  const urls: string[] = []
  await using server = await httpServer((request, response) => {
    urls.push(request.url!)
    response.end()
  })
  const egress = egressOf({ policy: 'all' })
  for (const path of ['//evil.test/', '/http://evil.test/', '/\\evil.test', '/?http://evil.test'])
    await egress.fetch(new Request(`http://127.0.0.1:${server.port}${path}`), 0)
  assert.equal(urls, ['//evil.test/', '/http://evil.test/', '//evil.test', '/?http://evil.test'])
})

test('nothing of all this reached the server, which does answer', async () => {
  assert.is(inner.connections(), 0)
  const request = new Request(`http://127.0.0.1:${port}/`)
  const response = await egressOf({ policy: 'all' }).fetch(request, 0)
  assert.is(await response.text(), 'secret')
})

test.after(async () => {
  await inner[Symbol.asyncDispose]()
})
test.run()
