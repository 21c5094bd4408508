import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseRequirements } from '../../../src/deploy/library/requirements.ts'
import type { BuildError } from '../../../src/domain/deployment.ts'
import { BuildFailure } from '../../../src/runtime/failures.ts'

const test = suite('the text of a requirements.txt as a library')

function failureOf(text: string): BuildError {
  try {
    parseRequirements(text)
  } catch (error) {
    if (error instanceof BuildFailure) return error.error
    throw error
  }
  throw new Error(`${JSON.stringify(text)} was expected to be refused`)
}

for (const line of [
  'flask',
  'flask==3.1.0',
  'Flask >= 2, < 4',
  'flask~=3.0',
  'flask===3.1.0',
  'flask!=3.0.*',
  'requests[socks,security]>=2',
  'requests [socks]',
  'zope.interface',
  'tomli; python_version < "3.11"',
  "uvloop ; sys_platform != 'win32'",
  'flask==3.1.0 --hash=sha256:aa --hash=sha256:bb',
  'flask @ https://example.com/flask-3.1.0-py3-none-any.whl',
  'flask@ git+https://example.com/pallets/flask@main#egg=flask',
  'git+https://example.com/pallets/flask',
  'https://example.com/flask.tar.gz',
  'this is no requirement',
]) {
  test(`"${line}" is taken`, () => assert.equal(parseRequirements(line), [line]))
}

for (const line of [
  '--index-url https://example.com/simple',
  '--index-url=https://example.com/simple',
  '-i https://user:word@example.com/simple',
  '-ihttps://example.com/simple',
  '--extra-index-url http://example.com',
  '--find-links https://example.com/links.html',
  '--require-hashes',
  '--pre',
  '--only-binary :all:',
  '--no-such-option',
  '# a comment',
  '   ',
]) {
  test(`"${line}" is taken and installs nothing`, () => assert.equal(parseRequirements(line), []))
}

for (const line of [
  './package',
  '../package',
  '.',
  '..',
  '/srv/package',
  '~/package',
  'package/',
  'folder/package',
  'C:\\package',
  'c:/package',
  'package\\part',
  'flask-3.1.0-py3-none-any.whl',
  'flask.TAR.GZ',
  'file:///srv/package',
  'FILE:package',
  'flask @ file:///srv/flask',
  'flask @ ./flask',
  'flask[async] @ ../flask',
  './package ; python_version > "3"',
]) {
  test(`"${line}" is a file and refused`, () => {
    const error = failureOf(`six\n\n${line}`)
    assert.is(
      error.message,
      `Cannot install "${line}": there are no files beside \`library\`; name a package and its version`,
    )
    assert.equal(
      [error.code, error.step, error.file, error.line],
      ['library_invalid', 'validate', 'requirements.txt', 3],
    )
  })
}

for (const line of [
  '-r other.txt',
  '-rother.txt',
  '--requirement=other.txt',
  '-c limits.txt',
  '--constraint x',
]) {
  test(`"${line}" names another file and is refused`, () =>
    assert.match(failureOf(line).message, `Cannot read "${line}": there are no files beside \`library\``))
}

for (const line of ['-e .', '-e.', '--editable git+https://example.com/x', '-e git+https://example.com/x']) {
  test(`"${line}" is refused`, () => assert.match(failureOf(line).message, 'has no folder of its own'))
}

for (const line of [
  '-i ./simple',
  '--index-url=file:///srv',
  '-f links',
  '--extra-index-url',
  '-i https://',
]) {
  test(`"${line}" is no index`, () =>
    assert.match(failureOf(line).message, 'must be an http or https address'))
}

test('comments, empty lines, joined lines and a byte order mark', () => {
  const text = [
    '\uFEFF# pinned',
    'flask==3.1.0 \\',
    '    --hash=sha256:aa \\',
    '    --hash=sha256:bb  # from the index',
    '',
    'six#not-a-comment',
    'click>=8 # a comment',
  ].join('\r\n')
  assert.equal(parseRequirements(text), [
    'flask==3.1.0     --hash=sha256:aa     --hash=sha256:bb',
    'six#not-a-comment',
    'click>=8',
  ])
  assert.is(failureOf('a\nb \\\n  --hash=x\n./c').line, 4, 'counted in the lines of the author')
})

test('a path cannot hide behind a joined line', () => {
  assert.is(failureOf('.\\\n/package').line, 1)
  assert.is(failureOf('-\\\nr other.txt').code, 'library_invalid')
})

test('bytes that are no text', () => assert.match(failureOf('flask\0').message, 'control characters'))

test('any text is either taken or refused in those words', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('-r', '-e ', 'a', '/', '\\', '\n', '#', ' ', '@', 'file:', '.')),
      (parts) => {
        try {
          for (const line of parseRequirements(parts.join(''))) {
            assert.not.match(line, /^(\.|\/|-|file:)/)
            assert.ok(line.trim() === line && line !== '')
          }
        } catch (error) {
          if (!(error instanceof BuildFailure)) throw error
          assert.is(error.error.code, 'library_invalid')
        }
      },
    ),
    { numRuns: 1000 },
  )
})

test.run()
