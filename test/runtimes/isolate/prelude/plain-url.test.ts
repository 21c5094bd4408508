import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parsePlainUrl, type UrlRecord } from '../../../../runtimes/isolate/prelude/plain-url.ts'

const test = suite('plain addresses')

function href({ scheme, host, port, path, query }: UrlRecord): string {
  const name = typeof host === 'string' ? host : [24, 16, 8, 0].map((bits) => (host >>> bits) & 255).join('.')
  return `${scheme}://${name}${port === null ? '' : `:${port}`}/${path.join('/')}${query === null ? '' : `?${query}`}`
}

/** The href keeps an empty query's mark, which is how it can be told apart from none. */
const agrees = (input: string) => {
  const record = parsePlainUrl(input)
  if (record !== null) assert.is(href(record), new URL(input).href)
  return record !== null
}

test('the usual ones are read', () => {
  for (const input of [
    'http://localhost:8000/api/hello?x=1&y=%20',
    'https://example.com',
    'https://a-b.example.com:443/x/',
    'http://127.0.0.1:8000/',
    'http://h/?',
    'http://h//a///b',
  ])
    assert.ok(agrees(input), input)
})

test('the others are left to the library', () => {
  for (const input of [
    'http://h/../x',
    'http://h/%2E%2e/x',
    'http://h/a/.',
    'http://H/',
    'http://xn--a.example/',
    'http://256.1.1.1/',
    'http://01.1.1.1/',
    'http://1.2/',
    'http://h.0x1/',
    'http://h:65536/',
    'http://u@h/',
    'http://h/ ',
    'http://h/é',
    "http://h/?'",
    'http://h/#x',
    'ftp://h/',
    '/x',
  ])
    assert.is(parsePlainUrl(input), null, input)
})

test('what is read is what the standard says', () => {
  const piece = fc.constantFrom(
    'a',
    'Z',
    '0',
    '1',
    '9',
    '.',
    '..',
    '-',
    ':',
    '/',
    '?',
    '%',
    '%2e',
    '%41',
    '@',
    '[',
    '|',
    '&',
    '=',
    '+',
    '~',
    '255',
    '80',
    '443',
  )
  const text = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(
      fc.constantFrom('http://', 'https://', 'http://h', 'https://a.b', 'http://1.2.3.4', 'http://h/'),
      text,
      (start, rest) => {
        agrees(start + rest)
      },
    ),
    { numRuns: 5000 },
  )
})

test.run()
