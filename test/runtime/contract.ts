import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { FunctionFailure } from '../../src/domain/outcome.ts'
import { BootFailure, InstanceGone } from '../../src/runtime/failures.ts'
import { HangUp } from '../../src/runtime/hang-up.ts'
import type { Runtime } from '../../src/runtime/runtime.ts'
import { WINDOW } from '../../src/runtime/wire.ts'
import { call, type StartExtras, startFunction, until } from '../support/runtime-harness.ts'

type Register = (name: string, body: () => Promise<void>) => void

export const url = (path = '/api/things/42') => `http://gateway.test${path}`
export const get = (path?: string) => new Request(url(path))

/** A hostile or odd function from the fixtures, named after what it does. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/functions/${name}.js`, import.meta.url), 'utf8')
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not reject')
}

/** What every driver must do: registered once per driver and host. */
export function contract(test: Register, runtime: () => Runtime): void {
  const start = (code: string, extras?: StartExtras) => startFunction(runtime(), code, extras)
  const answers = async (name: string) => {
    const { instance } = await start('export default () => new Response("fine")')
    const { response } = await call(instance, get())
    assert.is(await response.text(), 'fine', name)
    await instance.close('idle')
  }

  test('answers a web request with a web response', async () => {
    const { instance } = await start(
      'export default (request) => new Response(request.method + " " + new URL(request.url).pathname, { status: 201, headers: { "x-own": "yes" } })',
    )
    const { response, settled } = await call(instance, get())
    assert.is(response.status, 201)
    assert.is(response.headers.get('x-own'), 'yes')
    assert.is(await response.text(), 'GET /api/things/42')
    await settled
    await instance.close('idle')
  })

  test('gives a lambda handler its event, context and environment', async () => {
    const { instance } = await start(
      'export const handler = (event, context) => ({ id: event.pathParameters.id, ip: event.requestContext.identity.sourceIp, request: context.awsRequestId ?? context.requestId, left: context.getRemainingTimeInMillis() > 0, body: event.body, secret: process.env.SECRET })',
      { env: { SECRET: 'kept' } },
    )
    const request = new Request(url(), {
      method: 'POST',
      body: '{"n":1}',
      headers: { 'content-type': 'application/json' },
    })
    const { response } = await call(instance, request, { body: new TextEncoder().encode('{"n":1}') })
    assert.equal(await response.json(), {
      id: '42',
      ip: '192.0.2.7',
      request: 'request-1',
      left: true,
      body: { n: 1 },
      secret: 'kept',
    })
    await instance.close('idle')
  })

  test('keeps many calls apart that run at the same time', async () => {
    const { instance } = await start(
      'export default async (request) => { await new Promise((r) => setTimeout(r, 5)); return new Response(new URL(request.url).search) }',
    )
    const texts = await Promise.all(
      Array.from({ length: 50 }, async (_, index) =>
        (await call(instance, get(`/x?${index}`))).response.text(),
      ),
    )
    assert.equal(
      texts,
      Array.from({ length: 50 }, (_, index) => `?${index}`),
    )
    await instance.close('idle')
  })

  test('streams an answer piece by piece', async () => {
    const { instance } = await start(fixture('slow-stream'))
    const { response, settled } = await call(instance, get())
    const pieces: string[] = []
    for await (const piece of response.body!) pieces.push(new TextDecoder().decode(piece))
    assert.equal(pieces, Array(8).fill('tick'))
    await settled
    await instance.close('idle')
  })

  test('streams both ways, and a reader that waits holds the sender back', async () => {
    const { instance } = await start('export default (request) => new Response(request.body)')
    const total = 16 * 1_048_576
    const chunk = new Uint8Array(65_536).fill(7)
    let sent = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (sent >= total) controller.close()
          else {
            sent += chunk.length
            controller.enqueue(chunk)
          }
        },
      },
      { highWaterMark: 0 },
    )
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
    const { response, settled } = await call(instance, new Request(url(), init))
    const reader = response.body!.getReader()
    let got = (await reader.read()).value?.length ?? 0
    await until(() => sent > 0, 'something was sent')
    assert.ok(sent <= got + 4 * WINDOW + 4 * chunk.length, `${sent} bytes were taken though ${got} were read`)
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      got += value.length
    }
    assert.is(got, total)
    await settled
    await instance.close('idle')
  })

  test('tells a throw from an answer that cannot be sent', async () => {
    const { instance } = await start('export default () => { throw new RangeError("too far") }')
    const thrown = (await rejection(call(instance, get()))) as FunctionFailure
    assert.instance(thrown, FunctionFailure)
    assert.is(thrown.kind, 'threw')
    assert.is(thrown.thrown.name, 'RangeError')
    assert.is(thrown.thrown.message, 'too far')
    await instance.close('idle')
    const other = await start(fixture('answers-cycle'))
    const unsendable = (await rejection(call(other.instance, get()))) as FunctionFailure
    assert.is(unsendable.kind, 'unsendable')
    await other.instance.close('idle')
  })

  test('a module that throws, has no handler or has bad syntax fails its start', async () => {
    const threw = (await rejection(start(fixture('throws-at-load')))) as BootFailure
    assert.instance(threw, BootFailure)
    assert.is(threw.thrown.message, 'broken at load')
    const none = (await rejection(start(fixture('no-handler')))) as BootFailure
    assert.is(none.code, 'no_handler')
    assert.match(none.message, 'lambda_handler')
    const syntax = (await rejection(start('export default () => {{'))) as BootFailure
    assert.instance(syntax, BootFailure)
    await answers('after failed starts')
  })

  test('a module may await while it loads; one that fails late fails its start', async () => {
    const { instance } = await start(fixture('awaits-at-load'))
    assert.is(await (await call(instance, get())).response.text(), 'loaded')
    await instance.close('idle')
    const late = (await rejection(start(fixture('rejects-at-load')))) as BootFailure
    assert.instance(late, BootFailure)
    assert.is(late.thrown.message, 'broken while it loaded')
  })

  test('a rejection that nobody handles is told in the log and costs no call', async () => {
    const { instance, logs } = await start(fixture('rejects-unhandled'))
    for (let round = 0; round < 2; round++)
      assert.is(await (await call(instance, get())).response.text(), 'answered')
    await until(
      () => logs.filter((line) => /nobody handles this/.test(line.message)).length === 2,
      'both were told',
    )
    await instance.close('idle')
  })

  test('a module that never loads ends at the boot limit, really gone', async () => {
    for (const name of ['loops-at-load', 'never-loads']) {
      const failure = (await rejection(start(fixture(name), { limits: { timeout_ms: 200 } }))) as BootFailure
      assert.instance(failure, BootFailure)
      assert.is(failure.code, 'boot_timeout', name)
    }
    await answers('after modules that never load')
  })

  for (const name of [
    'busy-loop',
    'busy-loop-after-await',
    'busy-loop-after-timer',
    'microtask-flood',
    'regexp-backtrack',
    'never-answers',
    'bigint-loop',
    'huge-array-fill',
    'prints-for-ever',
  ]) {
    test(`${name} can be closed, and the next instance works`, async () => {
      const { instance } = await start(fixture(name))
      const pending = rejection(call(instance, get()))
      await new Promise((resolve) => setTimeout(resolve, 30))
      const exit = await instance.close('timeout', 'a call passed its limit')
      const error = await pending
      assert.ok(error instanceof InstanceGone || error instanceof FunctionFailure, String(error))
      if (exit.reason !== 'memory') assert.is(exit.reason, 'timeout')
      await answers(name)
    })
  }

  test('endless recursion is an error of the function', async () => {
    const { instance } = await start(fixture('endless-recursion'))
    const failure = (await rejection(call(instance, get()))) as FunctionFailure
    assert.is(failure.thrown.name, 'RangeError')
    await instance.close('idle')
  })

  test('calls in flight hear of the end of their instance', async () => {
    const { instance } = await start(fixture('never-answers'))
    const first = rejection(call(instance, get()))
    const second = rejection(call(instance, get()))
    await instance.close('replaced')
    for (const error of await Promise.all([first, second])) {
      assert.instance(error, InstanceGone)
      assert.is((error as InstanceGone).exit.reason, 'replaced')
    }
    assert.instance(await rejection(call(instance, get())), InstanceGone, 'a call after the end')
  })

  test('what is printed arrives before the answer, with the request id', async () => {
    const { instance, logs } = await start(
      'console.log("loading"); export default () => { console.error("bad %d", 7, { a: 1 }); return new Response("x") }',
    )
    await (await call(instance, get())).response.text()
    assert.equal(
      logs.map((line) => [line.request_id, line.level, line.message]),
      [
        [null, 'info', 'loading'],
        ['request-1', 'error', 'bad 7 { a: 1 }'],
      ],
    )
    await instance.close('idle')
  })

  test('what is printed right before an endless loop is not lost', async () => {
    const { instance, logs } = await start(fixture('prints-then-loops'))
    const pending = rejection(call(instance, get()))
    await until(() => logs.length === 2, 'both lines came while the loop runs')
    await instance.close('timeout')
    await pending
    assert.equal(
      logs.map((line) => [line.request_id, line.message]),
      [
        ['request-1', 'first'],
        ['request-1', 'second'],
      ],
    )
  })

  test('a flood of lines is bounded and says so', async () => {
    const { instance, logs } = await start(fixture('print-flood'))
    await (await call(instance, get())).response.text()
    assert.ok(logs.length < 5000, `${logs.length} lines came through`)
    assert.ok(logs.some((line) => /dropped/.test(line.message)))
    await instance.close('idle')
  })

  test('a caller that hangs up aborts the request of the function', async () => {
    const { instance, logs } = await start(
      'export default (request) => new Promise((resolve) => { request.signal.addEventListener("abort", () => { console.log("heard"); resolve(new Response("late")) }) })',
    )
    const hangUp = new HangUp()
    const pending = rejection(call(instance, get(), { hangUp }))
    await new Promise((resolve) => setTimeout(resolve, 20))
    hangUp.fire()
    await pending
    await until(() => logs.some((line) => line.message === 'heard'), 'the function heard of it')
    await answers('after a caller hung up')
    await instance.close('idle')
  })

  test('a call ends only when the work it left to waitUntil has ended', async () => {
    const { instance, logs } = await start(
      'export default { fetch(request, env, ctx) { ctx.waitUntil(new Promise((r) => setTimeout(r, 50)).then(() => console.log("after"))); return new Response("now") } }',
    )
    const { response, settled } = await call(instance, get())
    assert.is(await response.text(), 'now')
    assert.is(logs.length, 0)
    await settled
    assert.is(logs[0]?.message, 'after')
    await instance.close('idle')
  })

  for (const name of ['replaces-builtins', 'answers-after-reset-of-globals']) {
    test(`${name} hurts only itself`, async () => {
      const outcome = await start(fixture(name)).then(
        async ({ instance }) => {
          const answered = await Promise.race([
            call(instance, get()).then(
              ({ response }) => response.text(),
              () => 'failed',
            ),
            new Promise((resolve) => setTimeout(() => resolve('silent'), 500)),
          ])
          await instance.close('idle')
          return answered
        },
        () => 'not started',
      )
      assert.ok(['still here', 'failed', 'silent', 'not started'].includes(String(outcome)))
      await answers(name)
    })
  }
}

/** For drivers whose capabilities say that memory and CPU are limited. */
export function limitsContract(test: Register, runtime: () => Runtime): void {
  test('buffer-bomb gets no more than it may', async () => {
    const { instance } = await startFunction(runtime(), fixture('buffer-bomb'), { limits: { memory_mb: 32 } })
    const error = await rejection(call(instance, get()))
    if (error instanceof FunctionFailure) assert.is(error.thrown.name, 'RangeError')
    else assert.is((await instance.exited).reason, 'memory')
    await instance.close('idle')
  })

  for (const name of ['memory-bomb']) {
    test(`${name} is ended with its numbers, and the next instance works`, async () => {
      const { instance } = await startFunction(runtime(), fixture(name), { limits: { memory_mb: 32 } })
      const error = await rejection(call(instance, get()))
      const exit = await instance.exited
      assert.is(exit.reason, 'memory', exit.detail)
      assert.is(exit.limit, 32)
      assert.ok((exit.used ?? 0) >= 16, `used ${exit.used}`)
      assert.instance(error, InstanceGone)
      const { instance: next } = await startFunction(runtime(), 'export default () => new Response("fine")')
      assert.is(await (await call(next, get())).response.text(), 'fine')
      await next.close('idle')
    })
  }

  test('a call that burns more CPU than it may is ended', async () => {
    const { instance } = await startFunction(runtime(), fixture('busy-loop'), { limits: { cpu_ms: 50 } })
    const error = await rejection(call(instance, get()))
    assert.instance(error, InstanceGone)
    const exit = await instance.exited
    assert.is(exit.reason, 'cpu')
    assert.is(exit.limit, 50)
    assert.ok((exit.used ?? 0) >= 50)
  })
}
