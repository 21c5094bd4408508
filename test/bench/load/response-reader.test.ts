import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ProtocolError, ResponseReader } from '../../../bench/load/response-reader.ts'

const test = suite('response reader')

interface Read {
  readonly status: number
  readonly closes: boolean
  readonly body: string
}

/** Reads the pieces, each from memory that is overwritten afterwards, as a socket's buffer is. */
function read(
  pieces: readonly (string | Buffer)[],
  ends = false,
): { answers: Read[]; reader: ResponseReader } {
  const answers: Read[] = []
  let body = ''
  const reader = new ResponseReader({
    body(piece) {
      body += piece.toString('latin1')
    },
    answered({ status, closes }) {
      answers.push({ status, closes, body })
      body = ''
    },
  })
  for (const piece of pieces) {
    const memory = Buffer.from(piece as string, 'latin1')
    reader.push(memory)
    memory.fill('#')
  }
  if (ends) reader.end()
  return { answers, reader }
}

const ok = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`

test('a body with a length', () => {
  assert.equal(read([ok('hello')]).answers, [{ status: 200, closes: false, body: 'hello' }])
})

test('an empty body with a length', () => {
  assert.equal(read([ok('')]).answers, [{ status: 200, closes: false, body: '' }])
})

test('names of headers in any case, spaces around values', () => {
  const text =
    'HTTP/1.1 503 No\r\nX: content-length: 9\r\nCONTENT-LENGTH:\t 2 \r\nConnection: Close\r\n\r\nno'
  assert.equal(read([text]).answers, [{ status: 503, closes: true, body: 'no' }])
})

test('204 and 304 have no body, whatever their headers say', () => {
  const text = 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n'
  assert.equal(
    read([text]).answers.map(({ status, body }) => [status, body]),
    [
      [304, ''],
      [204, ''],
    ],
  )
})

test('an interim answer is not the answer', () => {
  const { answers } = read([`HTTP/1.1 100 Continue\r\n\r\n${ok('later')}`])
  assert.equal(answers, [{ status: 200, closes: false, body: 'later' }])
})

test('a chunked body, with extensions and trailers', () => {
  const text =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '5;a=b\r\nhello\r\nB \r\n, wor\r\nld!!\r\n0\r\nx-sum: 1\r\n\r\n'
  assert.equal(read([text]).answers, [{ status: 200, closes: false, body: 'hello, wor\r\nld!!' }])
})

test('a body until the connection closes', () => {
  const { answers, reader } = read(['HTTP/1.0 200 OK\r\n\r\nall ', 'of it'])
  assert.equal(answers, [])
  reader.end()
  assert.equal(answers, [{ status: 200, closes: true, body: 'all of it' }])
})

test('answers are found wherever their bytes are cut', () => {
  const chunked =
    'HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nf\r\n0123456789\r\n0\r\n\r\n0\r\n\r\n'
  const stream = `${ok('first')}HTTP/1.1 100 C\r\n\r\n${chunked}${ok('')}${ok('last\r\n\r\n')}`
  const whole = read([stream]).answers
  assert.equal(
    whole.map(({ status, body }) => [status, body]),
    [
      [200, 'first'],
      [500, 'abc0123456789\r\n0\r\n'],
      [200, ''],
      [200, 'last\r\n\r\n'],
    ],
  )
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 30 }), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length]
      const pieces = at.slice(1).map((end, index) => stream.slice(at[index], end))
      const { answers, reader } = read(pieces)
      assert.equal(answers, whole)
      assert.ok(reader.idle)
    }),
  )
  assert.equal(read([...stream]).answers, whole)
})

test('what is not HTTP/1.1 is an error, not an answer', () => {
  const bad = [
    'SSH-2.0-server\r\n\r\n',
    'HTTP/1.1 abc\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n',
    'a'.repeat(70_000),
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'1'.repeat(2000)}`,
  ]
  for (const text of bad) assert.throws(() => read([text]), isProtocolError, text.slice(0, 60))
})

test('a connection that closes in the middle of an answer is an error', () => {
  for (const text of ['HTTP/1.1 200', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello'])
    assert.throws(() => read([text], true), isProtocolError)
  assert.equal(read([ok('whole')], true).answers.length, 1)
})

function isProtocolError(error: unknown): boolean {
  return error instanceof ProtocolError
}

test.run()
