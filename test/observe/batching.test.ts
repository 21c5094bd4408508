// @slow
import { setTimeout as delay } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createObserver, type ObserverOptions } from '../../src/observe/batching.ts'
import { aLine, anInvocation, createFakeRecords } from './fake-records.ts'

const test = suite('the batching observer')

const BOUNDS = { invocations: 10, logs: 10, exits: 10 }

function setUp(options: Partial<ObserverOptions> = {}) {
  const store = createFakeRecords()
  const warnings: string[] = []
  const log: ObserverOptions['log'] = (_, message) => void warnings.push(message)
  const observer = createObserver({
    store,
    bounds: BOUNDS,
    log,
    flushMs: 5,
    retryMs: 2,
    trimMs: 60_000,
    ...options,
  })
  return { store, warnings, observer }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 5000
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited 5 s for: ${what}`)
    await delay(2)
  }
}

test('writes a row when its time has come', async () => {
  const { store, observer } = setUp()
  observer.log(aLine('one'))
  observer.log(aLine('two'))
  await until(() => store.written.logs.length === 2, 'two lines')
  assert.equal(store.batches, [2])
  await observer[Symbol.asyncDispose]()
})

test('writes a full batch before its time', async () => {
  const { store, observer } = setUp({ flushMs: 60_000, batchRows: 3 })
  for (let n = 0; n < 7; n++) observer.log(aLine(String(n)))
  await until(() => store.written.logs.length >= 6, 'two batches')
  await observer.flush()
  assert.equal(
    store.written.logs.map((line) => line.message),
    ['0', '1', '2', '3', '4', '5', '6'],
  )
  await observer[Symbol.asyncDispose]()
})

test('a flush resolves when the rows are written, not before', async () => {
  const { store, observer } = setUp({ flushMs: 60_000 })
  let open = () => {}
  store.gate = new Promise((resolve) => {
    open = resolve
  })
  observer.invocation(anInvocation())
  let flushed = false
  const flush = observer.flush().then(() => {
    flushed = true
  })
  await delay(20)
  assert.is(flushed, false)
  assert.is(store.written.invocations.length, 0)
  open()
  await flush
  assert.is(store.written.invocations.length, 1)
  await observer.flush()
  await observer[Symbol.asyncDispose]()
})

test('tries again until a failing store takes the rows, in order, each once', async () => {
  const { store, warnings, observer } = setUp()
  store.down = true
  for (let n = 0; n < 5; n++) observer.log(aLine(String(n)))
  await until(() => warnings.length === 1, 'a warning')
  assert.match(warnings[0]!, 'Cannot write log lines')
  store.down = false
  await observer.flush()
  assert.equal(
    store.written.logs.map((line) => line.message),
    ['0', '1', '2', '3', '4'],
  )
  assert.is(warnings.length, 1)
  await observer[Symbol.asyncDispose]()
})

test('keeps memory bounded while the store fails: the oldest go, with one warning', async () => {
  const { store, warnings, observer } = setUp({ flushMs: 60_000, retryMs: 60_000, maxRows: 100, closeMs: 20 })
  store.down = true
  for (let n = 0; n < 1000; n++) observer.log(aLine(String(n)))
  assert.is(warnings.filter((warning) => warning.includes('oldest are dropped')).length, 1)
  store.down = false
  await observer.flush()
  const messages = store.written.logs.map((line) => Number(line.message))
  assert.ok(messages.length <= 100 && messages.length >= 80, String(messages.length))
  assert.equal(
    messages,
    Array.from(messages, (_, index) => 1000 - messages.length + index),
  )
  assert.match(warnings.at(-1)!, `${1000 - messages.length} log lines were dropped`)
  await observer[Symbol.asyncDispose]()
})

test('one row that the store refuses holds up no other', async () => {
  const { store, warnings, observer } = setUp()
  store.refuses = (row) => row.callback_id === 404
  for (let n = 0; n < 20; n++) observer.log(aLine(String(n), n === 13 ? 404 : 1))
  await observer.flush()
  assert.is(store.written.logs.length, 19)
  assert.is(new Set(store.written.logs.map((line) => line.message)).size, 19)
  assert.match(warnings.at(-1)!, 'Cannot write 1 log lines: the database refuses')
  await observer[Symbol.asyncDispose]()
})

test('rows that are all refused are given up in the end, and later ones go through', async () => {
  const { store, observer } = setUp({ retryMs: 1 })
  store.refuses = (row) => row.callback_id === 404
  observer.log(aLine('bad', 404))
  await observer.flush()
  observer.log(aLine('good'))
  await observer.flush()
  assert.equal(
    store.written.logs.map((line) => line.message),
    ['good'],
  )
  await observer[Symbol.asyncDispose]()
})

test('writes that fail for a while lose nothing', async () => {
  const { store, observer } = setUp({ retryMs: 1 })
  // Three plain tries, then one search through all three rows.
  store.refuses = () => store.attempts <= 8
  for (let n = 0; n < 3; n++) observer.log(aLine(String(n)))
  await observer.flush()
  assert.is(store.written.logs.length, 3)
  await observer[Symbol.asyncDispose]()
})

test('a store that is away for long loses nothing', async () => {
  const { store, observer } = setUp({ retryMs: 1 })
  store.down = true
  observer.log(aLine('a'))
  await until(() => store.attempts > 12, 'many tries')
  store.down = false
  await observer.flush()
  assert.is(store.written.logs.length, 1)
  await observer[Symbol.asyncDispose]()
})

test('rows that are pushed out while a batch is being written take no other with them', async () => {
  const { store, observer } = setUp({ flushMs: 60_000, batchRows: 10, maxRows: 20 })
  let open = () => {}
  store.gate = new Promise((resolve) => {
    open = resolve
  })
  for (let n = 0; n < 24; n++) observer.log(aLine(String(n)))
  open()
  await observer.flush()
  const written = store.written.logs.map((line) => Number(line.message))
  assert.equal(
    written,
    Array.from({ length: 24 }, (_, n) => n),
  )
  await observer[Symbol.asyncDispose]()
})

test('asks for a few plain successes per callback and batch, and keeps every row it is given', async () => {
  const { store, observer } = setUp({ flushMs: 60_000, batchRows: 100_000, sample: 5 })
  const asked = (callbackId: number) => Array.from({ length: 50 }, () => observer.samples(callbackId))
  assert.is(asked(1).filter(Boolean).length, 5)
  assert.is(asked(2).filter(Boolean).length, 5)
  for (let n = 0; n < 50; n++) observer.invocation(anInvocation({ outcome: 'threw', status: 500 }))
  assert.is(observer.samples(1), false)
  await observer.flush()
  assert.is(store.written.invocations.length, 50)
  assert.is(observer.samples(1), true)
  await observer[Symbol.asyncDispose]()
})

test('followers hear their callback in order, and harm nobody', async () => {
  const { store, observer } = setUp()
  const heard: string[] = []
  const end = observer.follow(1, (line) => heard.push(line.message))
  observer.follow(1, () => {
    throw new Error('a broken reader')
  })
  observer.log(aLine('a'))
  observer.log(aLine('of another', 2))
  observer.log(aLine('b'))
  end()
  end()
  observer.log(aLine('c'))
  assert.equal(heard, ['a', 'b'])
  await observer.flush()
  assert.is(store.written.logs.length, 4)
  await observer[Symbol.asyncDispose]()
})

test('trims from time to time, when something was written', async () => {
  const { store, observer } = setUp({ trimMs: 5 })
  await delay(30)
  assert.is(store.trims, 0)
  observer.log(aLine('a'))
  await until(() => store.trims === 1, 'a trim')
  await delay(30)
  assert.is(store.trims, 1)
  await observer[Symbol.asyncDispose]()
})

test('the end writes what is left, and takes nothing more', async () => {
  const { store, warnings, observer } = setUp({ flushMs: 60_000 })
  observer.log(aLine('last'))
  await observer[Symbol.asyncDispose]()
  observer.log(aLine('too late'))
  await observer[Symbol.asyncDispose]()
  assert.is(store.written.logs.length, 1)
  assert.equal(warnings, [])
})

test('the end does not wait for ever for a store that is gone', async () => {
  const { store, warnings, observer } = setUp({ closeMs: 20 })
  store.down = true
  observer.log(aLine('lost'))
  await observer[Symbol.asyncDispose]()
  assert.match(warnings.at(-1)!, '1 records were lost')
  assert.is(store.written.logs.length, 0)
})

test.run()
