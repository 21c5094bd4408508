// @timeout 60
import * as zlib from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { getter, httpServer, rawServer, refusal } from './servers.ts'

const test = suite('what a function fetches')
const get = getter()

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of stream) pieces.push(piece)
  return String(Buffer.concat(pieces))
}

/** Answers with what it was sent. */
function echo() {
  return httpServer(async (request, response) => {
    const body = await textOf(request).catch(() => 'broken off')
    response.end(JSON.stringify({ method: request.method, headers: request.headers, body }))
  })
}

test('the answer comes with its status, its headers and its body', async () => {
  await using server = await httpServer((_, response) => {
    response.writeHead(
      418,
      'Short and stout',
      [
        ['x-own', 'yes'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['x-latin', Buffer.from('\u00e9', 'latin1').toString('latin1')],
      ].flat(),
    )
    response.end('tea')
  })
  const response = await get(server.port)
  assert.is(response.status, 418)
  assert.is(response.statusText, 'Short and stout')
  assert.is(response.headers.get('x-own'), 'yes')
  assert.is(response.headers.get('x-latin'), '\u00e9')
  assert.equal(response.headers.getSetCookie(), ['a=1', 'b=2'])
  assert.is(await response.text(), 'tea')
})

test('headers are the function’s, but for those that are the connection’s', async () => {
  await using server = await echo()
  const headers = {
    host: 'inner.test',
    connection: 'keep-alive, x-own',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAAQAAP__',
    'transfer-encoding': 'chunked',
    'content-length': '5',
    te: 'trailers',
    trailer: 'x',
    expect: '100-continue',
    'keep-alive': 'timeout=9',
    'proxy-authorization': 'Basic x',
    'x-own': 'kept',
    authorization: 'Bearer mine',
    cookie: 'a=1',
    'user-agent': 'own/1',
  }
  const { headers: seen } = (await (await get(server.port, '/', { headers })).json()) as { headers: object }
  assert.equal(seen, {
    host: `127.0.0.1:${server.port}`,
    connection: 'keep-alive',
    'x-own': 'kept',
    authorization: 'Bearer mine',
    cookie: 'a=1',
    'user-agent': 'own/1',
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    'cdn-loop': 'faas-gateway; depth=1',
  })
})

test('the depth goes along and cannot be forged', async () => {
  await using server = await echo()
  for (const forged of ['faas-gateway; depth=0', 'FAAS-GATEWAY; depth=0, edge', 'edge']) {
    const response = await get(
      server.port,
      '/',
      {
        headers: [
          ['CDN-Loop', forged],
          ['cdn-loop', 'a; b="'],
        ],
      },
      5,
    )
    const { headers } = (await response.json()) as { headers: Record<string, string> }
    assert.match(headers['cdn-loop']!, /, faas-gateway; depth=6$/)
    assert.not.match(headers['cdn-loop']!, 'depth=0')
  }
})

test('a part of an encoded body is asked for as it is', async () => {
  await using server = await echo()
  const response = await get(server.port, '/', { headers: { range: 'bytes=0-9' } })
  const { headers } = (await response.json()) as { headers: Record<string, string> }
  assert.is(headers['accept-encoding'], 'identity')
})

test('a body in one piece has a length, a stream has one when it is told', async () => {
  await using server = await echo()
  const send = async (body: BodyInit, length?: string) => {
    const headers = length === undefined ? {} : { 'content-length': length }
    const response = await get(server.port, '/', { method: 'POST', body, headers, duplex: 'half' })
    return (await response.json()) as { headers: Record<string, string>; body: string }
  }
  const whole = await send('hello', '5')
  assert.is(whole.headers['content-length'], '5')
  assert.is(whole.headers['transfer-encoding'], undefined)
  assert.is(whole.body, 'hello')
  const stream = await send(new Blob(['hello']).stream())
  assert.is(stream.headers['transfer-encoding'], 'chunked')
  assert.is(stream.body, 'hello')
  const large = 'x'.repeat(2_000_000)
  const told = await send(new Blob([large]).stream(), '2000000')
  assert.is(told.headers['content-length'], '2000000')
  assert.is(told.body, large)
})

test('a body that is not as long as it says smuggles nothing', async () => {
  await using server = await echo()
  for (const [size, length] of [
    [80_000, '70000'],
    [80_000, '90000'],
    [2_000_000, '1900000'],
    [2_000_000, '2100000'],
  ] as const) {
    const body = new Blob(['x'.repeat(size)]).stream()
    const init = { method: 'POST', body, duplex: 'half', headers: { 'content-length': length } } as const
    assert.match(await refusal(get(server.port, '/', init)), 'failed')
  }
  assert.is((await get(server.port)).status, 200)
})

test('a body without end that says it is short is not read to its end', async () => {
  await using server = await echo()
  let pieces = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pieces++
      controller.enqueue(new Uint8Array(65_536))
    },
  })
  const init = { method: 'POST', body, duplex: 'half', headers: { 'content-length': '100000' } } as const
  assert.match(await refusal(get(server.port, '/', init)), 'longer than its content-length')
  assert.ok(pieces < 6, `${pieces} pieces were read`)
})

for (const [coding, encode] of Object.entries({
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  deflate: zlib.deflateSync,
  'deflate, raw': zlib.deflateRawSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
  'gzip, br': (bytes: Uint8Array) => zlib.brotliCompressSync(zlib.gzipSync(bytes)),
})) {
  test(`a body is decoded: ${coding}`, async () => {
    const text = 'a longer text '.repeat(20_000)
    const name = coding.replace(', raw', '')
    await using server = await httpServer((_, response) => {
      response.setHeader('content-encoding', name).end(encode(Buffer.from(text)))
    })
    const response = await get(server.port)
    assert.is(response.headers.get('content-encoding'), name)
    assert.ok((await response.text()) === text)
  })
}

test('an unknown coding passes as it came, a broken one breaks the body, too many are refused', async () => {
  await using server = await httpServer((request, response) => {
    response
      .setHeader('content-encoding', decodeURIComponent(request.url!.slice(1)))
      .end('this is plain text')
  })
  for (const coding of ['rot13', 'identity', 'rot13,gzip'])
    assert.is(await (await get(server.port, `/${coding}`)).text(), 'this is plain text')
  for (const coding of ['gzip', 'deflate', 'br', 'zstd']) {
    const response = await get(server.port, `/${coding}`)
    const error = await response.text().then(
      () => null,
      (thrown: unknown) => thrown,
    )
    assert.instance(error, Error, coding)
  }
  assert.match(await refusal(get(server.port, `/${Array(6).fill('gzip').join()}`)), 'at most 5')
})

test('an answer without a body has none, whatever its headers say', async () => {
  await using server = await httpServer((request, response) => {
    const status = Number(request.url!.slice(1))
    response.writeHead(status, { 'content-encoding': 'gzip' }).end()
  })
  for (const status of [204, 304]) assert.is((await get(server.port, `/${status}`)).body, null)
  const head = await get(server.port, '/200', { method: 'HEAD' })
  assert.is(await head.text(), '')
})

test('redirects are answered, not followed', async () => {
  await using server = await httpServer((_, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
  })
  const response = await get(server.port)
  assert.is(response.status, 302)
  assert.is(response.headers.get('location'), 'http://169.254.169.254/')
})

test('what comes before the answer is no answer', async () => {
  await using server = await rawServer((socket) => {
    socket.once('data', () =>
      socket.end(
        'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
      ),
    )
  })
  const response = await get(server.port)
  assert.is(response.status, 200)
  assert.is(response.headers.get('link'), null)
  assert.is(await response.text(), 'ok')
})

for (const [name, bytes] of Object.entries({
  'no HTTP': 'SSH-2.0-OpenSSH\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
  'an upgrade nobody asked for':
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  'a status beyond HTTP': 'HTTP/1.1 999 Denied\r\ncontent-length: 0\r\n\r\n',
  'headers without end': `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  'the end': '',
})) {
  test(`a server that answers with ${name} is a failure, and nothing worse`, async () => {
    await using server = await rawServer((socket) => {
      socket.once('data', () => socket.end(bytes))
    })
    assert.match(await refusal(get(server.port)), `fetch of 127.0.0.1:${server.port} failed: `)
  })
}

test('a body that breaks off is an error', async () => {
  await using server = await rawServer((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'))
  })
  const response = await get(server.port)
  const error = await response.text().then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, TypeError)
})

test('headers beyond measure are refused', async () => {
  await using server = await echo()
  const headers = { 'x-large': 'y'.repeat(70_000) }
  assert.match(await refusal(get(server.port, '/', { headers })), 'at most 65536 are sent')
})

test.run()
