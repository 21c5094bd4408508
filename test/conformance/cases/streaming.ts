import * as assert from 'uvu/assert'
import { until } from '../../support/runtime-harness.ts'
import { BREAKS, ECHOES, ENDLESS, PAUSES, READS, RELEASED } from '../streams.ts'
import type { Register, SharedCode, Subject } from '../subject.ts'
import { jsonOf, openBody } from '../subject.ts'

const ONE = { limits: { max_instances: 1 } }
/** What sockets on both ends and the stream's own window may hold. Bytes. */
const BUFFERS = 24 * 1_048_576
const PATIENCE = 20_000

/** Bodies that flow. */
export function streamingCases(test: Register, { deploy }: Subject<SharedCode>): void {
  for (const [name, rest, type] of [
    ['a Response', '', 'text/plain'],
    ['server-sent events', '?events', 'text/event-stream'],
  ] as const) {
    test(`streaming: ${name} arrives piece by piece`, async () => {
      const subject = await deploy(RELEASED, ONE)
      const answer = await subject.call({}, rest)
      assert.is(answer.headers.get('content-type'), type)
      assert.is(answer.headers.get('x-lambda-status-code'), '200')
      const reader = answer.body!.getReader()
      const read = async () => new TextDecoder().decode((await reader.read()).value)
      assert.is(await read(), 'data: first\n\n')
      await (await subject.call({}, '?release')).text()
      assert.is(await read(), 'data: second\n\n')
      assert.is((await reader.read()).done, true)
    })
  }

  test('streaming: a request streams in while the answer streams out', async () => {
    const subject = await deploy(ECHOES)
    const sent = Array.from({ length: 30 }, (_, index) => `${index}:${'x'.repeat(40_000)};`)
    const pieces = [...sent]
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces.shift()
        if (piece === undefined) controller.close()
        else controller.enqueue(new TextEncoder().encode(piece))
      },
    })
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
    assert.is(await (await subject.call(init)).text(), sent.join(''))
  })

  test('streaming: the handler reads the request as it comes', async () => {
    const subject = await deploy(READS, ONE)
    const open = openBody('early')
    const answer = subject.call(open.init)
    await until(
      async () => (await (await subject.call()).text()) === 'early',
      'the first piece was seen',
      PATIENCE,
    )
    open.send(' and late')
    open.end()
    assert.is(await (await answer).text(), 'early and late')
  })

  test('streaming: a slow reader holds its function back, one that goes away ends the stream', async () => {
    const subject = await deploy(ENDLESS, ONE)
    const state = () => jsonOf<{ produced: number; cancelled: boolean }>(subject.call({}, '?state'))
    const answer = await subject.call()
    const reader = answer.body!.getReader()
    await reader.read()
    let before = -1
    let now = (await state()).produced
    for (let same = 0; same < 5; same = now === before ? same + 1 : 0) {
      await new Promise((resolve) => setTimeout(resolve, 40))
      before = now
      now = (await state()).produced
      assert.ok(now <= BUFFERS, `${now} bytes were made for a reader that stands still`)
    }
    assert.is((await state()).cancelled, false)
    await reader.cancel()
    await until(async () => (await state()).cancelled, 'the stream was cancelled', PATIENCE)
  })

  test('streaming: a stream that breaks breaks the answer, and the next call is served', async () => {
    const subject = await deploy(BREAKS, ONE)
    const answer = await subject.call()
    assert.is(answer.status, 200)
    const outcome = await answer.text().then(
      (text) => `whole: ${text}`,
      () => 'broken',
    )
    assert.is(outcome, 'broken', 'a half answer must not look whole')
    assert.is(await (await subject.call({}, '?next')).text(), 'next')
    const lines = () => subject.list<{ message: string }[]>('logs')
    const told = async () =>
      (await lines()).some(({ message }) => message.includes('the other half is missing'))
    await until(told, 'the log tells why', PATIENCE)
  })

  test('streaming: a pause longer than timeout_ms ends it, shorter ones do not count together', async () => {
    const subject = await deploy(PAUSES, { limits: { timeout_ms: 700, max_instances: 1 } })
    assert.is(await (await subject.call()).text(), '012345')
    const stalled = await (await subject.call({}, '?stall')).text().then(
      () => 'whole',
      () => 'broken',
    )
    assert.is(stalled, 'broken')
  })
}
