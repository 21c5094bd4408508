import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { toBase64 } from '../../../runtimes/javascript/base64.ts'
import { type CallHead, TYPE } from '../../../src/runtime/wire.ts'
import { answer, callOf, guestBox } from './guest-box.ts'

const test = suite('what the fetch standard asks of the guest')

const empty = () => guestBox({ default: () => new Response('x') })
const headerOf = (head: CallHead, name: string) => head.headers.find((pair) => pair[0] === name)?.[1] ?? null

test('sends what servers expect, unless the author says otherwise', async () => {
  const box = empty()
  void box.guest.fetch('http://other/')
  const first = (await callOf(box, 1)).head
  assert.equal([headerOf(first, 'accept'), headerOf(first, 'accept-language')], ['*/*', '*'])
  assert.ok(headerOf(first, 'user-agent'))
  void box.guest.fetch('http://other/', { headers: { Accept: 'text/plain', 'User-Agent': 'mine' } })
  const second = (await callOf(box, 3)).head
  assert.equal([headerOf(second, 'accept'), headerOf(second, 'user-agent')], ['text/plain', 'mine'])
})

test('an answer to HEAD has no body', async () => {
  const box = empty()
  const pending = box.guest.fetch('http://other/', { method: 'HEAD' })
  await callOf(box, 1)
  answer(box, 1, { headers: [['content-length', '5']] })
  const response = await pending
  assert.equal([response.body, response.headers.get('content-length')], [null, '5'])
  assert.is((await box.guest.fetch('data:,text', { method: 'HEAD' })).body, null)
})

test('bytes in a location stand for themselves, and the fragment stays', async () => {
  const box = empty()
  const pending = box.guest.fetch('http://one/#part')
  await callOf(box, 1)
  answer(box, 1, { status: 302, headers: [['location', '/\xe2\x98\x83?\xff']] })
  assert.is((await callOf(box, 3)).head.url, 'http://one/%E2%98%83?%FF#part')
  answer(box, 3, { status: 302, headers: [['location', 'http://two/#other']] })
  assert.is((await callOf(box, 5)).head.url, 'http://two/#other')
  answer(box, 5, {})
  assert.is((await pending).redirected, true)
})

test('integrity', async () => {
  const hash = async (name: string, text: string) =>
    toBase64(new Uint8Array(await crypto.subtle.digest(name, new TextEncoder().encode(text))))
  const good256 = `sha256-${await hash('SHA-256', 'body')}`
  const bad256 = `sha256-${await hash('SHA-256', 'other')}`
  const good512 = `sha512-${await hash('SHA-512', 'body')}`
  const bad512 = `sha512-${await hash('SHA-512', 'other')}`
  const cases: [integrity: string, passes: boolean][] = [
    [good256, true],
    [good256.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_'), true],
    [bad256, false],
    [`${bad256} ${good256}`, true],
    [`${bad256} ${good512}`, true],
    [`${good256} ${bad512}`, false],
    ['sha1-abcd nonsense', true],
    ['', true],
  ]
  const box = empty()
  for (const [index, [integrity, passes]] of cases.entries()) {
    const pending = box.guest.fetch('http://other/', { integrity }).then(
      (response) => response.text(),
      (error: Error) => error.name,
    )
    await callOf(box, index * 2 + 1)
    answer(box, index * 2 + 1, {}, 'body')
    assert.is(await pending, passes ? 'body' : 'TypeError', integrity)
  }
})

test('an aborted fetch lets go of its body at once', async () => {
  const box = empty()
  let canceled: unknown = null
  const body = new ReadableStream({
    cancel(reason) {
      canceled = reason
    },
  })
  const init = { method: 'POST', body, duplex: 'half', signal: AbortSignal.abort('why') }
  const pending = box.guest.fetch('http://other/', init as RequestInit).catch((error: unknown) => error)
  assert.is(await pending, 'why')
  assert.is(canceled, 'why')
  assert.is(box.messages.length, 0)
})

test('a body that is here but was not read fails once its fetch is aborted', async () => {
  const box = empty()
  const controller = new AbortController()
  const pending = box.guest.fetch('http://other/', { signal: controller.signal })
  await callOf(box, 1)
  answer(box, 1, {}, 'here')
  const response = await pending
  controller.abort('late')
  assert.is(await response.text().catch((error: unknown) => error), 'late')
})

test('a stream that breaks off tells everyone who waits for its end', async () => {
  const box = empty()
  const pending = box.guest.fetch('http://other/')
  await callOf(box, 1)
  answer(box, 1, { whole: false })
  const reader = (await pending).body!.getReader()
  box.guest.receive(TYPE.DATA, 1, '', new Uint8Array([1]))
  assert.equal([...(await reader.read()).value!], [1])
  box.guest.receive(TYPE.RESET, 1, 'cut', null)
  assert.is(await reader.closed.catch((error: Error) => error.message), 'cut')
})

test('a long body of known length says how long it is', async () => {
  const box = empty()
  const text = 'é'.repeat(1_000_000)
  void box.guest.fetch('http://other/', { method: 'POST', body: text })
  const { head } = await callOf(box, 1)
  assert.equal([head.whole, headerOf(head, 'content-length')], [false, '2000000'])
})

test.run()
