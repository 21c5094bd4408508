// @slow
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { METHODS, type Method } from '../../src/domain/callback.ts'
import { createMatcher } from '../../src/domain/matcher.ts'
import { parseRoutePath } from '../../src/domain/route.ts'
import type { Route } from '../../src/domain/route-entries.ts'
import { referenceMatch } from './reference-matcher.ts'

const test = suite('the route matcher')

const GET = (...paths: string[]): Route<string>[] =>
  paths.map((path) => ({ path, method: 'GET', value: path }))
const matcherOf = (...paths: string[]) => createMatcher(GET(...paths))

function assertFound(
  paths: string[],
  rawPath: string,
  expected: string,
  params: Record<string, string> = {},
): void {
  const match = matcherOf(...paths).match(rawPath, 'GET')
  assert.is(match.kind, 'found', `${rawPath} in ${paths}`)
  if (match.kind !== 'found') return
  assert.is(match.value, expected)
  assert.equal({ ...match.params }, params)
}

const NONE = { kind: 'none' }

test('prefers literals to parameters to the rest, segment by segment', () => {
  const paths = ['a/b', 'a/:x', 'a/*', ':x/b', '*']
  assertFound(paths, 'a/b', 'a/b')
  assertFound(paths, 'a/c', 'a/:x', { x: 'c' })
  assertFound(paths, 'a/c/d', 'a/*', { '*': 'c/d' })
  assertFound(paths, 'c/b', ':x/b', { x: 'c' })
  assertFound(paths, 'c/d', '*', { '*': 'c/d' })
})

test('goes back where a more specific branch leads nowhere', () => {
  assertFound(['a/b/c', 'a/:x/d', '*'], 'a/b/d', 'a/:x/d', { x: 'b' })
  assertFound(['a/b/c', 'a/:x/d', '*'], 'a/b/e', '*', { '*': 'a/b/e' })
  assertFound([':x/:y/c', ':x/*'], 'a/b/d', ':x/*', { x: 'a', '*': 'b/d' })
})

test('cuts at slashes before it decodes, and decodes once', () => {
  assertFound(['f/:x'], 'f/a%2fb', 'f/:x', { x: 'a/b' })
  assertFound(['f/*'], 'f/a%2Fb/c', 'f/*', { '*': 'a/b/c' })
  assertFound(['f/:x'], 'f/%2541', 'f/:x', { x: '%41' })
  assert.equal(matcherOf('a/b').match('a%2fb', 'GET'), NONE)
  assertFound(['a b/é'], 'a%20b/%C3%A9', 'a b/é')
  assertFound(['caf\u00e9'], 'cafe%CC%81', 'caf\u00e9')
})

test('keeps out what is malformed', () => {
  const all = matcherOf('a', ':x', '*', '100%', 'a/b')
  for (const raw of [
    '%',
    '%zz',
    '%C3',
    'a/%ff',
    '100%',
    '',
    '/',
    '//',
    '/a',
    'a//b',
    'a//',
    '.',
    '..',
    'a/..',
    '%2e%2E',
    './a',
  ]) {
    assert.equal(all.match(raw, 'GET'), NONE, raw)
  }
  assertFound(['100%'], '100%25', '100%')
})

test('does not care about one trailing slash', () => {
  assertFound(['a/b'], 'a/b/', 'a/b')
  assertFound(['a/:x'], 'a/b/', 'a/:x', { x: 'b' })
  assertFound(['a/*'], 'a/b/', 'a/*', { '*': 'b' })
  assert.equal(matcherOf('a/*').match('a/', 'GET'), NONE)
})

test('takes a method of its own before ANY, and GET for HEAD', () => {
  const route = (path: string, method: Method): Route<string> => ({
    path,
    method,
    value: `${method} ${path}`,
  })
  const matcher = createMatcher([
    route('a', 'GET'),
    route('a', 'ANY'),
    route('b', 'GET'),
    route('b', 'POST'),
    route('b/:x', 'PUT'),
    route('b/c', 'DELETE'),
  ])
  const answer = (path: string, method: string) => {
    const match = matcher.match(path, method)
    return match.kind === 'found' ? match.value : match
  }
  assert.is(answer('a', 'GET'), 'GET a')
  assert.is(answer('a', 'HEAD'), 'GET a')
  assert.is(answer('a', 'PATCH'), 'ANY a')
  assert.is(answer('a', 'OPTIONS'), 'ANY a')
  assert.is(answer('b', 'HEAD'), 'GET b')
  assert.is(answer('b/c', 'PUT'), 'PUT b/:x')
  assert.equal(answer('b', 'PATCH'), { kind: 'wrong_method', allow: ['GET', 'HEAD', 'OPTIONS', 'POST'] })
  assert.equal(answer('b', 'OPTIONS'), { kind: 'wrong_method', allow: ['GET', 'HEAD', 'OPTIONS', 'POST'] })
  assert.equal(answer('b/c', 'POST'), { kind: 'wrong_method', allow: ['DELETE', 'OPTIONS', 'PUT'] })
})

test('changes one route at a time', () => {
  const matcher = matcherOf('a/b', 'a/:x')
  assert.is(matcher.size, 2)
  matcher.add({ path: 'a/b', method: 'GET', value: 'again' })
  assert.is(matcher.size, 2)
  assert.equal(matcher.match('a/b', 'GET').kind === 'found', true)
  assert.is(matcher.remove('a/b', 'POST'), false)
  assert.is(matcher.remove('a/b', 'GET'), true)
  assert.is(matcher.remove('a/b', 'GET'), false)
  assert.equal({ ...matcher.match('a/b', 'GET') }.kind, 'found')
  assert.is(matcher.remove('a/:other', 'GET'), true)
  assert.equal(matcher.match('a/b', 'GET'), NONE)
  assert.is(matcher.size, 0)
})

// Small alphabets, so that routes and requests meet.
const literal = fc.constantFrom('a', 'b', 'é', '100%', 'a b')
const routePath = fc
  .tuple(fc.array(fc.oneof(literal, fc.constantFrom(':x', ':y', ':z')), { maxLength: 4 }), fc.boolean())
  .map(([segments, rest]) => [...segments, ...(rest ? ['*'] : [])].join('/'))
  .filter((path) => 'path' in parseRoutePath(path))
const method = fc.constantFrom(...METHODS)
const route = fc.record({ path: routePath, method, value: fc.nat() })
const rawSegment = fc.constantFrom(
  ...[
    'a',
    'b',
    '%61',
    'c',
    '%C3%A9',
    'é',
    'e%CC%81',
    'e\u0301',
    '100%25',
    '100%',
    'a%20b',
    'a%2fb',
    '%00',
    '\0',
    '..',
    '%2e',
    '',
  ],
)
const rawPath = fc.oneof(
  fc.array(rawSegment, { maxLength: 5 }).map((segments) => segments.join('/')),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const anyMethod = fc.constantFrom(...METHODS, 'PROPFIND', 'get', '')

test('agrees with the plain one', () => {
  fc.assert(
    fc.property(fc.array(route, { maxLength: 12 }), rawPath, anyMethod, (routes, raw, wanted) => {
      const match = createMatcher(routes).match(raw, wanted)
      assert.equal(
        JSON.parse(JSON.stringify(match)),
        JSON.parse(JSON.stringify(referenceMatch(routes, raw, wanted))),
      )
    }),
    { numRuns: 2000 },
  )
})

test('is after changes what it would be if made anew', () => {
  const change = fc.record({ add: fc.boolean(), route })
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 30 }),
      fc.array(rawPath, { maxLength: 5 }),
      anyMethod,
      (changes, raws, wanted) => {
        const matcher = createMatcher<number>()
        let routes: Route<number>[] = []
        for (const { add, route: changed } of changes) {
          const same = (other: Route<number>) => keyOf(other) === keyOf(changed)
          assert.is(add || matcher.remove(changed.path, changed.method), add || routes.some(same))
          if (add) matcher.add(changed)
          routes = [...routes.filter((other) => !same(other)), ...(add ? [changed] : [])]
          assert.is(matcher.size, routes.length)
        }
        for (const raw of raws)
          assert.equal(matcher.match(raw, wanted), createMatcher(routes).match(raw, wanted))
      },
    ),
    { numRuns: 500 },
  )
})

test('survives absurd paths', () => {
  const matcher = matcherOf('a/b', 'a/:x', ':x/*', 'é/:y')
  const absurd = [
    'a/'.repeat(5000),
    'a/'.repeat(5000) + 'b',
    '/'.repeat(10_000),
    'x'.repeat(10_240),
    '%41'.repeat(3000),
    '%'.repeat(10_000),
    '%2f'.repeat(3000),
    'a/' + '%00'.repeat(3000),
    '\ud800/\udfff',
    'a/\ud83d',
    '%ED%A0%80/b',
    'a/\0',
    '..%2f..%2fetc/passwd',
    'a\\..\\b/c',
    '__proto__/constructor',
    'a/__proto__',
  ]
  for (const raw of absurd) {
    for (const wanted of ['GET', 'POST', 'constructor']) assert.ok(matcher.match(raw, wanted).kind)
  }
  assertFound(['a/:x'], 'a/%00', 'a/:x', { x: '\0' })
  assertFound([':constructor'], '__proto__', ':constructor', { constructor: '__proto__' })
})

test('has no request that blows it up', () => {
  // Every mixture of a literal and a parameter over twelve segments: all branches lead astray at the last.
  const routes = Array.from({ length: 4096 }, (_, bits) => {
    const segments = Array.from({ length: 12 }, (_, at) => (bits & (1 << at) ? 'a' : `:p${at}`))
    return { path: `${segments.join('/')}/end`, method: 'GET' as const, value: bits }
  })
  const matcher = createMatcher(routes)
  const started = performance.now()
  assert.equal(matcher.match(`${'a/'.repeat(12)}miss`, 'GET'), NONE)
  assert.equal(matcher.match('a/'.repeat(5000), 'GET'), NONE)
  assert.ok(performance.now() - started < 500, `${performance.now() - started} ms`)
})

test('is made of ten thousand routes in no time', () => {
  const routes = Array.from({ length: 10_000 }, (_, n) => {
    const path = [`static/${n}/x`, `p${n}/:id/x`, `w/${n}/*`][n % 3]!
    return { path, method: 'GET' as const, value: n }
  })
  createMatcher(routes)
  const started = performance.now()
  const matcher = createMatcher(routes)
  assert.ok(performance.now() - started < 400, `${performance.now() - started} ms`)
  assert.is(matcher.size, 10_000)
})

function keyOf({ path, method: verb }: Route<number>): string {
  return `${verb} ${path.replaceAll(/:\w+/g, ':')}`
}

test.run()
