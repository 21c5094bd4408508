// @slow
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLibraryStore } from '../../../src/deploy/library/library.ts'
import { npmRegistry } from '../../support/npm-registry.ts'
import { needing } from '../../support/skip.ts'
import { BundlerFixture, evaluateBare, text } from '../bundle/support.ts'

const test = suite('a library from the real registry')
const fixture = new BundlerFixture()
const dataDir = await mkdtemp(path.join(tmpdir(), 'faas-registry-'))
test.after(async () => {
  await fixture[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true, force: true })
})

const online = needing(test, await npmRegistry())

online('a package with a dependency of its own is installed, locked and bundled', async () => {
  const config = { dataDir, buildConcurrency: 1, buildTimeoutMs: 1, npmRegistry: null, buildCaFile: null }
  const store = createLibraryStore({ config, env: process.env })
  const context = { signal: AbortSignal.timeout(30_000), log: () => {} }
  const spec = { dependencies: { 'is-odd': '3.0.1' }, type: 'commonjs' } as const
  const library = await store.acquire(spec, null, context)
  assert.match(library.lock, 'is-number')
  assert.match(await readFile(path.join(library.dir, 'node_modules/is-odd/package.json'), 'utf8'), '"3.0.1"')
  const code = "import isOdd from 'is-odd'; export default (n: number) => isOdd(n)"
  const artifact = await fixture.bundle(code, { libraryDir: library.dir, lock: library.lock })
  const isOdd = evaluateBare(text(artifact, 'main.js')).default as (n: number) => boolean
  assert.equal([isOdd(3), isOdd(4)], [true, false])
})

test.run()
