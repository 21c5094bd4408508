import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLog, type LogOptions } from '../../src/observe/log.ts'

const test = suite("the gateway's own log")

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const log = createLog({
    level: 'debug',
    format: 'json',
    sink: (line) => lines.push(line),
    now: () => 0,
    ...options,
  })
  return { log, lines, parsed: () => lines.map((line) => JSON.parse(line)) }
}

test('writes a line of JSON an entry', () => {
  const { log, parsed } = capture()
  log.info('started', { port: 8000, nested: { a: [1] } })
  assert.equal(parsed(), [
    { time: '1970-01-01T00:00:00.000Z', level: 'info', message: 'started', port: 8000, nested: { a: [1] } },
  ])
})

test('writes a line for eyes', () => {
  const { log, lines } = capture({ format: 'pretty' })
  log.warn('slow', { ms: 12, name: 'hello world' })
  assert.equal(lines, ['00:00:00.000 WARN  slow ms=12 name=hello world'])
})

test('leaves out what is below its level', () => {
  const { log, lines } = capture({ level: 'warn' })
  log.debug('a')
  log.info('b')
  log.warn('c')
  log.error('d')
  assert.is(lines.length, 2)
  const silent = capture({ level: 'silent' })
  silent.log.error('e')
  assert.is(silent.lines.length, 0)
})

test('never writes a secret', () => {
  for (const format of ['json', 'pretty'] as const) {
    const { log, lines } = capture({ format, secrets: ['hunter2', null, ''] })
    log.info('the token hunter2 was refused', {
      authorization: 'Bearer abc',
      nested: { db_auth_token: 'xyz', cookie: ['c=1'], fine: 'hunter2!' },
      PASSWORD: 'p4ss',
      url: 'http://hunter2@db',
    })
    for (const secret of ['hunter2', 'abc', 'xyz', 'c=1', 'p4ss']) assert.not.match(lines[0]!, secret)
    assert.match(lines[0]!, '***')
  }
})

test('shows an error with its cause', () => {
  const { log, parsed } = capture()
  log.error('failed', { error: new TypeError('outer', { cause: new Error('inner') }) })
  const { error } = parsed()[0]
  assert.is(error.name, 'TypeError')
  assert.is(error.message, 'outer')
  assert.match(error.stack, 'log.test')
  assert.is(error.cause.message, 'inner')
})

test('keeps an entry on one line, and never throws', () => {
  for (const format of ['json', 'pretty'] as const) {
    const { log, lines } = capture({ format })
    const circular: Record<string, unknown> = { big: 1n }
    circular.self = circular
    const shared = { a: 1 }
    log.info('a\nb', { circular, first: shared, second: shared, text: 'x\ny' })
    const hostile = {
      get trap() {
        throw new Error('no')
      },
    }
    log.info('hostile', { hostile })
    log.info('nothing', { none: undefined, zero: null })
    assert.is(lines.length, 3)
    for (const line of lines) assert.not.match(line, /[\n\r]/)
    assert.match(lines[0]!, '[circular]')
    assert.match(lines[0]!, '"1"')
  }
  const { log, parsed } = capture()
  const shared = { a: 1 }
  log.info('shared', { first: shared, second: shared })
  assert.equal(parsed()[0].second, { a: 1 })
})

test.run()
