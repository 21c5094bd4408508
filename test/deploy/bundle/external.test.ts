import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BuildError } from '../../../src/domain/deployment.ts'
import { BuildFailure } from '../../../src/runtime/failures.ts'
import { BundlerFixture, deploymentOf, libraryOf, type Namespace, text } from './support.ts'

const test = suite('packages that stay outside of the bundle')
const fixture = new BundlerFixture()
test.after(() => fixture[Symbol.asyncDispose]())

type Handler = (...args: unknown[]) => unknown

interface Options {
  declared?: readonly string[] | null
  libraryDir?: string | null
  log?: (line: string) => void
}

const TARGET = { runtime: 'docker', polyfillNode: false, externalPackages: true } as const

async function build(code: string, options: Options = {}): Promise<string> {
  const { declared = null, libraryDir = null, log = () => {} } = options
  const dependencies = Object.fromEntries((declared ?? []).map((name) => [name, '1.0.0']))
  const library = declared === null ? null : JSON.stringify({ dependencies })
  const deployment = { ...deploymentOf(code), library }
  const extras = { libraryDir, lock: null, signal: AbortSignal.timeout(20_000), log }
  return text(await fixture.bundler.bundle(deployment, TARGET, extras), 'main.js')
}

async function failure(code: string, options?: Options): Promise<BuildError> {
  try {
    await build(code, options)
  } catch (error) {
    if (error instanceof BuildFailure) return error.error
    throw error
  }
  throw new Error('the build was expected to fail')
}

/** Runs a bundle as a file beside the `node_modules` of a library. */
async function run(main: string, dir: string): Promise<Namespace> {
  const file = path.join(dir, `main-${Math.random()}.mjs`)
  await writeFile(file, main)
  return ((await import(pathToFileURL(file).href)) as { callback: Namespace }).callback
}

const PACKAGES = {
  'kind/package.json': JSON.stringify({
    name: 'kind',
    exports: { '.': { import: './index.mjs', require: './index.cjs' }, './sub': './sub.mjs' },
  }),
  'kind/index.mjs': 'export const kind = "import"',
  'kind/index.cjs': 'exports.kind = "require"',
  'kind/sub.mjs': 'export default "sub"',
  'assets/package.json': '{"name":"assets","version":"1.2.3"}',
  'assets/page.html': '<p>hi</p>',
  'assets/data.bin': 'abc',
  'assets/style.css': 'p{}',
}

test('imports stay imports and requires stay requires, each resolved as Node does', async () => {
  await using library = await libraryOf(PACKAGES)
  const es = await build(
    "import { kind } from 'kind'; import sub from 'kind/sub'; export const handler = async () => [kind, sub, (await import('kind')).kind]",
    { declared: ['kind'] },
  )
  assert.match(es, /from"kind"/)
  assert.not.match(es, 'index')
  assert.equal(await ((await run(es, library.dir)).handler as Handler)(), ['import', 'sub', 'import'])
  const cjs = await build(
    "const { kind } = require('kind'); exports.handler = () => [kind, require.resolve('kind'), require.main === module]",
    { declared: ['kind'] },
  )
  const [kind, file, isMain] = ((await run(cjs, library.dir)).handler as Handler)() as unknown[]
  assert.is(kind, 'require')
  assert.match(String(file), /kind\/index\.cjs$/)
  assert.is(isMain, false)
})

test("an author's own createRequire is no clash", async () => {
  await using library = await libraryOf(PACKAGES)
  const code =
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); export const handler = () => require('kind').kind"
  const callback = await run(await build(code, { declared: ['kind'] }), library.dir)
  assert.is((callback.handler as Handler)(), 'require')
})

test('types of a package leave nothing behind', async () => {
  const main = await build("import type { A } from 'kind'; export const handler = (a: A) => a", {
    declared: ['kind'],
  })
  assert.not.match(main, 'kind')
})

test('files that are no code mean what they mean in a bundle', async () => {
  await using library = await libraryOf(PACKAGES)
  const code = `
    import page from 'assets/page.html'; import bytes from 'assets/data.bin'; import 'assets/style.css'
    import whole, { version } from 'assets/package.json'
    import native from 'assets/package.json' with { type: 'json' }
    export const handler = () => [page, bytes.byteLength, version, whole.name, native.version]`
  const callback = await run(await build(code, { declared: ['assets'] }), library.dir)
  assert.equal((callback.handler as Handler)(), ['<p>hi</p>', 3, '1.2.3', 'assets', '1.2.3'])
})

test('a package fails the build where there is no library, or none with packages', async () => {
  const none = await failure("import { z } from 'zod/v4'; export default z")
  assert.is(none.code, 'unresolved_import')
  assert.is(
    none.message,
    'Cannot resolve "zod/v4": the callback has no `library`; add "zod" to the dependencies of `library`',
  )
  assert.equal([none.file, none.line, none.column], ['callback.ts', 1, 19])
  assert.is((await failure("require('zod')", { declared: [] })).code, 'unresolved_import')
})

test('a package that nobody declared may come with another one: the log says so', async () => {
  const lines: string[] = []
  const main = await build("import 'b'", { declared: ['a'], log: (line) => lines.push(line) })
  assert.match(main, '"b"')
  assert.is(lines.length, 1)
  assert.match(lines[0]!, /^warning: callback\.ts:1:8: "b" is not among the dependencies of `library`/)
})

test('where the library is at hand, what is not in it fails the build', async () => {
  await using library = await libraryOf(PACKAGES)
  const options = { declared: ['assets'], libraryDir: library.dir }
  assert.match(await build("import { kind } from 'kind'; export default kind", options), /from"kind"/)
  const { code, message } = await failure("import 'gone'", options)
  assert.is(code, 'unresolved_import')
  assert.match(message, 'it is not in `library`')
})

test('files beside the callback and addresses are refused as everywhere', async () => {
  assert.is((await failure("import './x.js'", { declared: ['a'] })).code, 'local_import')
  assert.is((await failure("import 'npm:a'", { declared: ['a'] })).code, 'remote_import')
  assert.is((await failure("import '#a'", { declared: ['a'] })).code, 'unresolved_import')
})

test('every built-in of Node is there', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'faas-external-'))
  try {
    const code =
      "import { Worker } from 'worker_threads'; const fs = require('fs'); exports.handler = () => [typeof Worker, typeof fs.readFileSync]"
    const callback = await run(await build(code), dir)
    assert.equal((callback.handler as Handler)(), ['function', 'function'])
  } finally {
    await rm(dir, { recursive: true })
  }
})

test.run()
