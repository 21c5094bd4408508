// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { needing } from '../../../support/skip.ts'
import { type Evaluate, evaluator, SKIP } from './evaluate.ts'
import { sandbox } from './harness.ts'

const whole = suite('the global scope of an isolate')
const test = needing(whole, { name: 'isolated-vm', missing: SKIP })

/** Runs a body in a fresh isolate, where no other test's listeners are left. */
async function inFresh<T>(body: (run: Evaluate, logs: () => string[]) => Promise<T>): Promise<T> {
  const { box, run } = await evaluator('snapshot')
  await using _ = box
  return await body(run, () => box.logs.map((line) => line.m))
}

/** Comes back when everything that was queued has had its turn. */
const SETTLE = 'await new Promise((resolve) => setTimeout(resolve, 5));'

test('an unhandled rejection is an event with the very error, and preventDefault keeps it out of the log', () =>
  inFresh(async (run, logs) => {
    const seen = await run(`
      class Odd extends Error { constructor(message) { super(message); this.name = 'Odd'; this.code = 7 } }
      const mine = new Odd('lost')
      const seen = []
      addEventListener('unhandledrejection', (event) => {
        event.preventDefault()
        seen.push(event.reason === mine, event.reason.code, event.type, event.cancelable, event.isTrusted,
          event instanceof PromiseRejectionEvent, event.promise instanceof Promise)
      })
      ;(async () => { throw mine })()
      ${SETTLE}
      return seen`)
    assert.equal(seen, [true, 7, 'unhandledrejection', true, true, true, true])
    assert.equal(logs(), [])
  }))

test('what is no Error is the reason itself where it is no object', () =>
  inFresh(async (run, logs) => {
    const seen = await run(`
      const seen = []
      onunhandledrejection = ({ reason }) => { seen.push(reason) }
      for (const reason of ['text', 4, null, true]) {
        Promise.reject(reason)
        ${SETTLE}
      }
      return seen`)
    assert.equal(seen, ['text', 4, null, true])
    assert.equal(logs().length, 4)
    assert.match(logs()[0]!, 'Uncaught (in promise)')
  }))

test('onunhandledrejection says "handled" with false', () =>
  inFresh(async (run, logs) => {
    await run(`onunhandledrejection = () => false; Promise.reject(new Error('quiet')); ${SETTLE}`)
    assert.equal(logs(), [])
  }))

test('without a listener it is a line with the stack of the function alone', () =>
  inFresh(async (run, logs) => {
    await run(`Promise.reject(new TypeError('told')); ${SETTLE}`)
    assert.is(logs().length, 1)
    assert.match(logs()[0]!, /^Uncaught \(in promise\) TypeError: told\n\s+at /)
    assert.not.match(logs()[0]!, /isolated-vm|file:/)
  }))

test('a rejection that is handled in the same turn is none', () =>
  inFresh(async (run, logs) => {
    const seen = await run(`
      let count = 0
      onunhandledrejection = () => { count++ }
      const late = Promise.reject(new Error('handled'))
      await null
      late.catch(() => {})
      ${SETTLE}
      return count`)
    assert.is(seen, 0)
    assert.equal(logs(), [])
  }))

test('a listener that rejects in its turn does not run for ever', () =>
  inFresh(async (run, logs) => {
    const count = (await run(`
      let count = 0
      addEventListener('unhandledrejection', async () => { count++; throw new Error('again') })
      Promise.reject(new Error('first'))
      await new Promise((resolve) => setTimeout(resolve, 300))
      return count`)) as number
    assert.ok(count >= 2 && count <= 200, String(count))
    assert.ok(logs().length <= 203, String(logs().length))
  }))

test('stacks read the same with a listener for rejections as without', () =>
  inFresh(async (run) => {
    const source = `
      const stacks = []
      const make = () => [new Error('a'), new RangeError(''), Object.assign(new Error('b'), { name: 'Named' })]
      const lines = (error) => error.stack.split('\\n').map((line) => line.replace(/:\\d+:\\d+/g, ''))
      stacks.push(make().map(lines))
      addEventListener('unhandledrejection', () => {})
      stacks.push(make().map(lines))
      return stacks`
    const [before, after] = (await run(source)) as [unknown, unknown]
    assert.equal(after, before)
  }))

test('errors that nobody catches are events with their place, then lines', () =>
  inFresh(async (run, logs) => {
    const seen = await run(`
      const seen = []
      onerror = (message, filename, lineno, colno, error) => {
        seen.push([message, filename.length > 0, lineno > 0, colno > 0, error.message])
        return error.message === 'handled'
      }
      setTimeout(() => { throw new Error('handled') })
      ${SETTLE}
      reportError(new Error('told'))
      return seen`)
    assert.equal(seen, [
      ['Uncaught Error: handled', true, true, true, 'handled'],
      ['Uncaught Error: told', true, true, true, 'told'],
    ])
    assert.is(logs().length, 1)
    assert.match(logs()[0]!, 'Uncaught Error: told')
  }))

test('an attribute keeps no place once it is set to null, and no other listener is lost', () =>
  inFresh(async (run) => {
    const seen = await run(`
      const seen = []
      onerror = () => { seen.push('first') }
      addEventListener('error', (event) => { seen.push('listener'); event.preventDefault() })
      reportError(1)
      onerror = null
      reportError(2)
      onerror = () => { seen.push('second') }
      reportError(3)
      return [seen.join(), onerror === null, onunhandledrejection, onrejectionhandled]`)
    assert.equal(seen, ['first,listener,listener,listener,second', false, null, null])
  }))

test('messages of a port are tasks: promise jobs run between them, and no timer holds them up', () =>
  inFresh(async (run) => {
    const seen = await run(`
      const { port1, port2 } = new MessageChannel()
      const order = []
      const next = () => new Promise((resolve) => { port2.onmessage = ({ data }) => resolve(data) })
      port1.postMessage(1); port1.postMessage(2); port1.postMessage(3)
      order.push('sync')
      for (let count = 0; count < 3; count++) order.push(await next())
      return order`)
    assert.equal(seen, ['sync', 1, 2, 3])
  }))

test('the clock is fine, but not finer than 0.1 ms, and it never goes back', () =>
  inFresh(async (run) => {
    const [least, backward, temporal, offset] = (await run(`
      const times = []
      const end = performance.now() + 20
      for (let now = performance.now(); now < end; now = performance.now()) times.push(now)
      const steps = times.slice(1).map((time, index) => time - times[index])
      const temporal = []
      for (let count = 0; count < 1000; count++) temporal.push(
        Temporal.Now.instant().epochNanoseconds, Temporal.Now.zonedDateTimeISO('UTC').epochNanoseconds)
      const plain = [Temporal.Now.plainTimeISO('UTC'), Temporal.Now.plainDateTimeISO('UTC')]
      return [
        Math.min(...steps.filter((step) => step > 0)),
        steps.some((step) => step < 0),
        temporal.every((time) => time % 100_000n === 0n) && plain.every((time) => time.nanosecond === 0 && time.microsecond % 100 === 0),
        Math.abs(performance.timeOrigin + performance.now() - Date.now()),
      ]`)) as [number, boolean, boolean, number]
    assert.ok(least > 0.0999 && least < 0.9, `the least step is ${least} ms`)
    assert.is(backward, false)
    assert.is(temporal, true)
    assert.ok(offset < 5, `${offset} ms off`)
  }))

test('marks and measures, and no more of them than are of use', () =>
  inFresh(async (run) => {
    const seen = await run(`
      const first = performance.mark('a', { startTime: 5, detail: { deep: [1] } })
      performance.mark('b', { startTime: 12 })
      const between = performance.measure('a to b', 'a', 'b')
      const given = performance.measure('given', { start: 1, duration: 2, detail: 'x' })
      let missing
      try { performance.measure('c', 'no such mark') } catch (error) { missing = error.name }
      const names = performance.getEntries().map(({ name }) => name)
      performance.clearMarks('a')
      const left = performance.getEntriesByType('mark').length
      for (let count = 0; count < 5000; count++) performance.mark('many')
      return [first.detail, between.startTime, between.duration, given.duration, given.detail, missing, names, left,
        performance.getEntriesByName('given').length, performance.getEntries().length <= 1000,
        first instanceof PerformanceEntry, performance.measure('from the start').startTime]`)
    assert.equal(seen, [
      { deep: [1] },
      5,
      7,
      2,
      'x',
      'SyntaxError',
      ['given', 'a', 'a to b', 'b'],
      1,
      0,
      true,
      true,
      0,
    ])
  }))

test('a script that listens for "fetch" takes calls', async () => {
  await using box = await sandbox(`
    let calls = 0
    addEventListener('fetch', (event) => {
      const { pathname } = new URL(event.request.url)
      if (pathname.endsWith('/throws')) throw new TypeError('by the listener')
      if (pathname.endsWith('/silent')) return
      if (pathname.endsWith('/late')) {
        queueMicrotask(() => { try { event.respondWith(new Response('late')) } catch (error) { console.log(error.name) } })
        return
      }
      event.passThroughOnException()
      event.waitUntil(Promise.resolve().then(() => console.log('waited for')))
      event.respondWith(Promise.resolve(new Response([++calls, event.type, event instanceof FetchEvent, event.target === globalThis].join())))
      try { event.respondWith(new Response('again')) } catch (error) { console.log(error.name) }
    })
    addEventListener('fetch', (event) => { console.log('next'); })
  `)
  const at = (path: string) => ({ url: `http://localhost/api/hello${path}` })
  assert.is((await box.call(at(''))).text, '1,fetch,true,true')
  assert.equal(
    box.logs
      .splice(0)
      .map(({ m }) => m)
      .toSorted(),
    ['InvalidStateError', 'waited for'],
  )
  const thrown = await box.call(at('/throws'))
  assert.is(thrown.fail?.message, 'by the listener')
  assert.is(thrown.fail?.name, 'TypeError')
  const silent = await box.call(at('/silent'))
  assert.match(silent.fail!.message, 'event.respondWith')
  box.logs.splice(0)
  const late = await box.call(at('/late'))
  assert.match(late.fail!.message, 'event.respondWith')
  assert.equal(
    box.logs.map(({ m }) => m),
    ['next', 'InvalidStateError'],
  )
})

whole.run()
