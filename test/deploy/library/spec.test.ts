import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type LibrarySpec, parseLibrary } from '../../../src/deploy/library/spec.ts'
import type { BuildError } from '../../../src/domain/deployment.ts'
import { BuildFailure } from '../../../src/runtime/failures.ts'

const test = suite('the text of a package.json as a library')

function failureOf(text: string): BuildError {
  try {
    parseLibrary(text)
  } catch (error) {
    if (error instanceof BuildFailure) return error.error
    throw error
  }
  throw new Error(`${text} was expected to be refused`)
}

const withSpec = (spec: string) => JSON.stringify({ dependencies: { it: spec } })

for (const spec of [
  '1.2.3',
  '^1.2.3',
  '~1.2',
  '>=1 <2',
  '1.x || 2.x',
  '1.0.0 - 2.0.0',
  '*',
  '',
  'latest',
  'beta-1',
  '1.0.0-rc.1+build',
  'npm:other@^1',
  'npm:@scope/other@1.0.0',
  'npm:other',
]) {
  test(`"${spec}" is taken`, () => assert.is(parseLibrary(withSpec(spec)).dependencies.it, spec))
}

for (const spec of [
  'file:../x',
  'link:./x',
  'workspace:*',
  'portal:./x',
  'git+ssh://git@host/x.git',
  'git://host/x',
  'github:user/repo',
  'user/repo',
  'https://host/x.tgz',
  'http://host/x.tgz',
  './x',
  '../x',
  '.',
  '..',
  '.hidden',
  '~/x',
  '/etc',
  'C:\\x',
  'x.tgz',
  'x.TAR.GZ',
  'npm:file:../x',
  'npm:x@file:../x',
  'npm:x@npm:y@1',
  'npm:../x@1',
  'npm:',
  '1\n2',
  'a;b',
  '$(id)',
]) {
  test(`"${spec}" is refused`, () => {
    const error = failureOf(withSpec(spec))
    assert.is(error.code, 'library_invalid')
    assert.match(
      error.message,
      `Cannot install "it" from "${spec}": only versions, ranges and tags of the registry`,
    )
  })
}

test('names', () => {
  for (const name of ['x', 'X2', 'a.b', '@s/n', '@a-b/c_d']) {
    assert.is(parseLibrary(JSON.stringify({ dependencies: { [name]: '1' } })).dependencies[name], '1')
  }
  for (const name of ['', '.x', '../x', 'a/b', '@/x', ' x', 'x y', '@a/b/c', 'x'.repeat(215), 'é']) {
    assert.match(
      failureOf(JSON.stringify({ dependencies: { [name]: '1' } })).message,
      'not the name of a package',
    )
  }
})

test('only dependencies and type count', () => {
  const text = JSON.stringify({
    name: 'x',
    type: 'module',
    dependencies: { a: '1' },
    devDependencies: { b: 'file:..' },
    scripts: { preinstall: 'x' },
    workspaces: ['..'],
    overrides: { a: 'file:..' },
  })
  assert.equal(parseLibrary(text), { dependencies: { a: '1' }, type: 'module' } satisfies LibrarySpec)
  assert.equal(parseLibrary('{}'), { dependencies: {}, type: 'commonjs' })
})

test('what is no package.json is told with its place', () => {
  const error = failureOf('{\n  "dependencies": {\n    "a": 1.\n}}')
  assert.is(error.code, 'library_invalid')
  assert.equal([error.file, error.line], ['package.json', 3])
  assert.match(error.message, 'not JSON')
  for (const text of [
    '',
    '[]',
    '"x"',
    '7',
    'null',
    '{"dependencies":[]}',
    '{"dependencies":{"a":1}}',
    '{"a":1,}',
    '{}//',
  ]) {
    assert.is(failureOf(text).code, 'library_invalid', text)
  }
})

test('any text either parses or is refused in those words', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.dictionary(fc.string(), fc.string()).map((dependencies) => JSON.stringify({ dependencies })),
      ),
      (text) => {
        try {
          for (const [name, spec] of Object.entries(parseLibrary(text).dependencies)) {
            assert.not.match(name, /^[.-]{2}|\s|\.\./)
            assert.not.match(spec, /[/\\:]/)
          }
        } catch (error) {
          if (!(error instanceof BuildFailure)) throw error
          assert.is(error.error.code, 'library_invalid')
        }
      },
    ),
    { numRuns: 500 },
  )
})

test.run()
