// @slow
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GatewayError } from '../../src/errors.ts'
import { MAX_DEPTH, parseJson } from '../../src/http/json-text.ts'
import { decodeUtf8 } from '../../src/http/utf8.ts'

const test = suite('JSON of a body')

function errorOf(work: () => unknown): GatewayError {
  try {
    work()
  } catch (error) {
    assert.instance(error, GatewayError)
    return error as GatewayError
  }
  throw new Error('it did not throw')
}

test('whatever JSON.stringify writes is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space)
      assert.equal(JSON.stringify(parseJson(text)), JSON.stringify(JSON.parse(text)))
    }),
    { numRuns: 500 },
  )
})

test('any text either parses like JSON.parse or is malformed with a position inside it', () => {
  const bits = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    'a',
    '1',
    '-',
    'e',
    'true',
    'null',
    ' ',
    '\n',
    '/*',
    '//',
    '\u0000',
    'é',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(bits, { maxLength: 30 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (candidate) => {
      let expected: unknown
      try {
        expected = JSON.parse(candidate)
      } catch {
        const { code, extras } = errorOf(() => parseJson(candidate))
        const { offset } = extras.position as { offset: number }
        return code === 'malformed_json' && offset >= 0 && offset <= candidate.length
      }
      try {
        assert.equal(JSON.stringify(parseJson(candidate)), JSON.stringify(expected))
      } catch (error) {
        return error instanceof GatewayError && error.code === 'invalid'
      }
      return true
    }),
    { numRuns: 1000 },
  )
})

test('a name given twice is found wherever it is, however it is spelled', () => {
  const cases: [string, string][] = [
    ['{"a": 1, "a": 2}', 'a'],
    ['{"a": {"b": [0, {"c": 1, "c": 1}]}}', 'a.b.1.c'],
    ['{"a": 1, "\\u0061": 2}', 'a'],
    ['{"x,\\"y{": 1, "x,\\"y{": 2}', 'x,"y{'],
    ['{"__proto__": 1, "__proto__": 2}', '__proto__'],
    ['[{}, [{"": 1, "": 2}]]', '1.0.'],
  ]
  for (const [text, path] of cases) {
    const { code, extras } = errorOf(() => parseJson(text))
    assert.is(code, 'invalid', text)
    assert.is(extras.errors?.[0]?.path, path)
  }
  for (const fine of [
    '{"a": {"a": "a"}, "b": ["a", "a"]}',
    '{"a": "x\\\\", "b": "\\"a\\""}',
    '[{"a": 1}, {"a": 1}]',
  ]) {
    assert.equal(parseJson(fine), JSON.parse(fine))
  }
})

test('ten million brackets cost a scan and no stack', () => {
  for (const bracket of ['[', '{"a":', '[{"a":']) {
    const { code, message } = errorOf(() => parseJson(bracket.repeat(1_000_000)))
    assert.is(code, 'malformed_json')
    assert.match(message, String(MAX_DEPTH))
  }
  const deepest = '['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH)
  assert.equal(parseJson(deepest), JSON.parse(deepest))
})

test('malformed JSON is told by line and column', () => {
  const cases: [string, number, number][] = [
    ['', 1, 1],
    ['{"a": 1,\n "b": }', 2, 7],
    ['{"a": 1,}', 1, 9],
    ["{'a': 1}", 1, 2],
    ['[1, 2] x', 1, 8],
    ['{"a": tru}', 1, 7],
    ['// c\n1', 1, 1],
  ]
  for (const [text, line, column] of cases) {
    const { code, extras } = errorOf(() => parseJson(text))
    assert.is(code, 'malformed_json', text)
    const { offset: _, ...position } = extras.position as Record<string, number>
    assert.equal(position, { line, column }, text)
  }
})

test('UTF-8 is strict, and the first bad byte is found in bodies of any size', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (text) => {
      const clean = text.toWellFormed().replace(/^\uFEFF/, '')
      assert.is(decodeUtf8(new TextEncoder().encode(clean)), clean)
    }),
  )
  const sizes = [10, 150_000]
  const places = [0, 9, 65_533, 65_534, 65_535, 65_536, 65_537, 131_073, 149_999]
  for (const character of ['x', 'é', '日', '😀']) {
    for (const size of sizes) {
      const clean = new TextEncoder().encode(character.repeat(size))
      for (const at of places.filter((place) => place < size)) {
        const bytes = clean.slice()
        bytes[at] = 0xff
        const { code, extras } = errorOf(() => decodeUtf8(bytes))
        assert.is(code, 'malformed_json')
        const { offset } = extras.position as { offset: number }
        assert.is(offset, at, `${size} of ${character}, bad byte ${at}`)
      }
    }
  }
})

test.run()
