import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TYPE, WINDOW } from '../../../src/runtime/wire.ts'
import { answer, callOf, type GuestBox, guestBox, textOf, turns } from './guest-box.ts'

const test = suite('fetch through the guest')

const empty = () => guestBox({ default: () => new Response('x') })

test('asks and is answered', async () => {
  const box = empty()
  const pending = box.guest.fetch('http://other/a?b', { method: 'POST', body: 'é', headers: { 'x-a': '1' } })
  const { head, data } = await callOf(box, 1)
  assert.equal([head.method, head.url, head.whole], ['POST', 'http://other/a?b', true])
  assert.equal(
    head.headers.find(([name]) => name === 'x-a'),
    ['x-a', '1'],
  )
  assert.is(textOf([{ type: 0, id: 0, head: '', data }]), 'é')
  answer(box, 1, { status: 201, headers: [['x-b', '2']] }, 'body')
  const response = await pending
  assert.equal(
    [response.status, response.headers.get('x-b'), response.url, response.redirected],
    [201, '2', 'http://other/a?b', false],
  )
  assert.is(await response.text(), 'body')
})

test('belongs to the call that made it', async () => {
  const box: GuestBox = guestBox({
    default: async () => {
      await box.guest.fetch('http://other/')
      return null
    },
  })
  box.open()
  box.open()
  assert.is((await callOf(box, 1)).head.requestId, 'r-2')
  assert.is((await callOf(box, 3)).head.requestId, 'r-4')
})

test('streams both ways with credit', async () => {
  const box = empty()
  const body = new Blob(['x'.repeat(WINDOW + 5)]).stream()
  const pending = box.guest.fetch('http://other/', { method: 'PUT', body, duplex: 'half' } as RequestInit)
  const sent = () => box.ofType(TYPE.DATA, 1).reduce((sum, { data }) => sum + data!.length, 0)
  await box.until(() => sent() === WINDOW)
  box.guest.receive(TYPE.CREDIT, 1, '5', null)
  await box.until(({ type }) => type === TYPE.END)
  assert.is(sent(), WINDOW + 5)
  answer(box, 1, { whole: false })
  const response = await pending
  box.guest.receive(TYPE.DATA, 1, '', new TextEncoder().encode('one '))
  await turns()
  assert.is(box.ofType(TYPE.CREDIT).length, 0)
  box.guest.receive(TYPE.DATA, 1, '', new TextEncoder().encode('two'))
  const text = response.text()
  await box.until(() => box.ofType(TYPE.CREDIT).reduce((sum, { head }) => sum + Number(head), 0) === 7)
  box.guest.receive(TYPE.END, 1, '', null)
  assert.is(await text, 'one two')
})

test('fails as the gateway says', async () => {
  const box = empty()
  const pending = box.guest.fetch('http://other/').catch((error: unknown) => error)
  await callOf(box, 1)
  box.guest.receive(
    TYPE.FAIL,
    1,
    JSON.stringify({ kind: 'threw', name: 'TypeError', message: 'no route', stack: '' }),
    null,
  )
  const error = await pending
  assert.instance(error, TypeError)
  assert.is((error as Error).message, 'no route')
})

test('is aborted before and after the answer', async () => {
  const box = empty()
  const early = new AbortController()
  const first = box.guest.fetch('http://other/', { signal: early.signal }).catch((error: Error) => error.name)
  await callOf(box, 1)
  early.abort()
  assert.is(await first, 'AbortError')
  assert.is(box.ofType(TYPE.RESET, 1).length, 1)

  const late = new AbortController()
  const second = box.guest.fetch('http://other/', { signal: late.signal })
  await callOf(box, 3)
  answer(box, 3, { whole: false })
  const text = (await second).text().catch((error: Error) => error.name)
  await turns()
  late.abort()
  assert.is(await text, 'AbortError')
  assert.is(box.ofType(TYPE.RESET, 3).length, 1)

  const none = await box.guest
    .fetch('http://other/', { signal: AbortSignal.abort('no') })
    .catch((error: unknown) => error)
  assert.is(none, 'no')
  assert.is(box.ofType(TYPE.CALL).length, 2)
})

test('a body that breaks off', async () => {
  const box = empty()
  const pending = box.guest.fetch('http://other/')
  await callOf(box, 1)
  answer(box, 1, { whole: false })
  const text = (await pending).text().catch((error: Error) => error.message)
  box.guest.receive(TYPE.RESET, 1, 'cut', null)
  assert.is(await text, 'cut')
})

test('a body that is not wanted gives the exchange up', async () => {
  const box = empty()
  const pending = box.guest.fetch('http://other/')
  await callOf(box, 1)
  answer(box, 1, { whole: false })
  await (await pending).body!.cancel()
  assert.is(box.ofType(TYPE.RESET, 1).length, 1)
})

test('follows redirects', async () => {
  const box = empty()
  const headers = { authorization: 'secret', 'content-type': 'text/plain', 'x-a': '1' }
  const pending = box.guest.fetch('http://one/a', { method: 'POST', body: 'b', headers })
  await callOf(box, 1)
  answer(box, 1, { status: 307, headers: [['location', '/b']] })
  const second = await callOf(box, 3)
  assert.equal(
    [second.head.method, second.head.url, textOf([{ ...second, head: '' }])],
    ['POST', 'http://one/b', 'b'],
  )
  answer(box, 3, { status: 303, headers: [['location', 'http://two/c']] })
  const third = await callOf(box, 5)
  assert.equal([third.head.method, third.head.url, third.data], ['GET', 'http://two/c', null])
  assert.equal(
    third.head.headers.map(([name]) => name).filter((name) => name in headers),
    ['x-a'],
  )
  answer(box, 5, {}, 'end')
  const response = await pending
  assert.equal([response.url, response.redirected, await response.text()], ['http://two/c', true, 'end'])
})

test('redirects that are not followed', async () => {
  const box = empty()
  const outcome = async (init: RequestInit, location: string) => {
    const id = box.ofType(TYPE.CALL).length * 2 + 1
    const pending = box.guest.fetch('http://one/', init).then(
      (response) => response.status,
      (error: Error) => error.message,
    )
    await callOf(box, id)
    answer(box, id, { status: 302, headers: [['location', location]] })
    return pending
  }
  assert.is(await outcome({ redirect: 'manual' }, '/x'), 302)
  assert.match(String(await outcome({ redirect: 'error' }, '/x')), /redirect is "error"/)
  assert.match(String(await outcome({}, 'file:///etc/passwd')), /neither http nor https/)
  assert.match(String(await outcome({}, 'http://[')), /not an address/)
})

test('redirects without end', async () => {
  const box = empty()
  const pending = box.guest.fetch('http://one/').catch((error: Error) => error.message)
  for (let hop = 0; hop <= 20; hop++) {
    await callOf(box, hop * 2 + 1)
    answer(box, hop * 2 + 1, { status: 302, headers: [['location', '/']] })
  }
  assert.match(String(await pending), /more than 20 times/)
})

test('addresses that are not for the network', async () => {
  const box = empty()
  assert.is(await (await box.guest.fetch('data:,a%20b')).text(), 'a b')
  assert.is(
    (await box.guest.fetch('data:application/json;base64,e30=')).headers.get('content-type'),
    'application/json',
  )
  for (const url of ['file:///etc/passwd', 'not a url', 'data:nothing'])
    assert.instance(await box.guest.fetch(url).catch((error: unknown) => error), TypeError)
  assert.is(box.messages.length, 0)
})

test.run()
