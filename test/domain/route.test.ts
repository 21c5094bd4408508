import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parameterNames, parseRoutePath, routeKey } from '../../src/domain/route.ts'

const test = suite('route paths')

function pathOf(text: string): string {
  const result = parseRoutePath(text)
  assert.ok('path' in result, JSON.stringify(result))
  return result.path
}

function problemOf(text: string): string {
  const result = parseRoutePath(text)
  assert.ok('problem' in result, `${JSON.stringify(text)} was taken`)
  return result.problem
}

test('has one spelling for a path', () => {
  for (const text of ['users/:id', '/users/:id', 'users/:id/', '/users/:id/'])
    assert.is(pathOf(text), 'users/:id')
})

test('takes every kind of segment', () => {
  for (const text of [
    '*',
    ':a',
    'a/*',
    ':a/:b/c/*',
    'a:b',
    'a b',
    '100%',
    '日本/:名'.replace('名', 'name'),
    '...',
    '~a',
  ]) {
    assert.is(pathOf(text), text)
  }
  assert.is(pathOf('cafe\u0301'), 'caf\u00e9')
})

const refused: [text: string, part: string][] = [
  ['', 'is empty'],
  ['/', 'is empty'],
  ['a//b', 'empty segment'],
  ['//a', 'empty segment'],
  ['a//', 'empty segment'],
  ['a/./b', 'segment "."'],
  ['../a', 'segment ".."'],
  ['a\0', 'control character'],
  ['a\n', 'control character'],
  ['a\u0085', 'control character'],
  ['a\ud800', 'surrogate'],
  ['a\\b', 'backslash'],
  ['a?b=1', 'query'],
  ['a#b', 'fragment'],
  ['a%20b', '"%20": write the character itself'],
  ['*/a', '* must be the last segment'],
  ['a*', '* stands alone'],
  ['a/**', '* stands alone'],
  [':', 'parameter ":"'],
  [':1a', 'parameter ":1a"'],
  [':a-b', 'parameter ":a-b"'],
  [':é', 'parameter ":é"'],
  [':__proto__', 'not allowed'],
  [':a/b/:a', ':a twice'],
  ['kube', 'reserved'],
  ['/kube/a', 'reserved'],
  ['a/'.repeat(32) + 'a', 'has 33 segments: at most 32'],
  ['a'.repeat(1025), 'has 1025 characters: at most 1024'],
]
for (const [text, part] of refused) {
  test(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => assert.match(problemOf(text), part))
}

test('allows the longest and the deepest', () => {
  assert.is(pathOf('a'.repeat(1024)).length, 1024)
  assert.is(pathOf('a/'.repeat(32)).split('/').length, 32)
  assert.is(pathOf('kubernetes/x'), 'kubernetes/x')
})

test('quotes a long path in part', () => {
  assert.ok(problemOf('a'.repeat(100_000)).length < 300)
})

test('never throws, and what it takes it takes again unchanged', () => {
  const segment = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a', ':a', ':b', '*', '.', '..', '', 'kube', '%41', 'é', 'e\u0301', '\ud800'),
  )
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 40 }), (segments) => {
      const result = parseRoutePath(segments.join('/'))
      if ('path' in result) assert.equal(parseRoutePath(result.path), result)
      else assert.match(result.problem, /^path ".*" [a-z].*[^.]$/s)
    }),
    { numRuns: 2000 },
  )
})

test('keys erase the names of parameters and nothing else', () => {
  assert.is(routeKey('a/:b/:c/*'), 'a/:/:/*')
  assert.is(routeKey('a/:x/:y/*'), routeKey('a/:b/:c/*'))
  assert.is.not(routeKey('a/b'), routeKey('a/:b'))
  assert.equal(parameterNames('a/:b/c/:d/*'), ['b', 'd', '*'])
})

test.run()
