// @slow
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLibraryStore, type LibraryStore } from '../../../src/deploy/library/library.ts'
import { npmEnvironment } from '../../../src/deploy/library/npm.ts'
import { runProcess } from '../../../src/deploy/library/run-process.ts'
import type { BuildError } from '../../../src/domain/deployment.ts'
import { BuildFailure } from '../../../src/runtime/failures.ts'
import { type FakeRegistry, fakeRegistry } from '../../support/fake-registry.ts'

const test = suite('installing a library')

let registry: FakeRegistry
let dataDir: string
let store: LibraryStore

const marker = path.join(tmpdir(), `faas-script-ran-${process.pid}`)
const PACKAGES = [
  { name: 'left', version: '1.0.0', files: { 'index.js': 'module.exports = "left 1.0.0"' } },
  { name: 'left', version: '1.1.0', files: { 'index.js': 'module.exports = "left 1.1.0"' } },
  {
    name: 'nested',
    version: '2.0.0',
    manifest: { dependencies: { left: '1.0.0' } },
    files: { 'index.js': '' },
  },
  {
    name: 'scripted',
    version: '1.0.0',
    manifest: {
      scripts: { preinstall: `touch ${marker}`, install: `touch ${marker}`, postinstall: `touch ${marker}` },
    },
    files: { 'index.js': '' },
  },
]

test.before(async () => {
  registry = await fakeRegistry(PACKAGES)
})
test.before.each(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'faas-install-'))
  store = storeFor(registry.url)
  registry.requests.length = 0
})
test.after.each(() => rm(dataDir, { recursive: true, force: true }))
test.after(async () => {
  await registry[Symbol.asyncDispose]()
})

function storeFor(npmRegistry: string): LibraryStore {
  const config = { dataDir, buildConcurrency: 1, buildTimeoutMs: 60_000, npmRegistry, buildCaFile: null }
  return createLibraryStore({ config, env: process.env })
}

function spec(dependencies: Record<string, string>) {
  return { dependencies, type: 'commonjs' as const }
}

function acquire(dependencies: Record<string, string>, lock: string | null = null, lines: string[] = []) {
  const context = { signal: AbortSignal.timeout(50_000), log: (line: string) => lines.push(line) }
  return store.acquire(spec(dependencies), lock, context)
}

async function failureOf(work: Promise<unknown>): Promise<BuildError> {
  try {
    await work
  } catch (error) {
    if (error instanceof BuildFailure) return error.error
    throw error
  }
  throw new Error('the installation was expected to fail')
}

const installed = (dir: string, name: string) =>
  readFile(path.join(dir, 'node_modules', name, 'package.json'), 'utf8').then(
    (text) => JSON.parse(text).version,
  )

test('packages come from the registry that is set, and with them a lock without addresses', async () => {
  const lines: string[] = []
  const library = await acquire({ left: '^1.0.0', nested: '2.0.0' }, null, lines)
  assert.is(await installed(library.dir, 'left'), '1.1.0')
  assert.is(await installed(path.join(library.dir, 'node_modules', 'nested'), 'left'), '1.0.0')
  assert.match(library.lock, '"lockfileVersion"')
  assert.not.match(library.lock, '127.0.0.1')
  assert.is(lines[0], 'Installing the library')
  assert.ok(
    lines.some((line) => /added 3 packages/.test(line)),
    lines.join('\n'),
  )
  assert.is((await stat(library.dir)).mode & 0o77, 0)
  assert.is((await stat(path.join(dataDir, 'build'))).mode & 0o77, 0)
})

test('with its lock a library is found installed; elsewhere it is installed as it was locked', async () => {
  // The lock is of a time when 1.0.0 was the newest.
  const old = await acquire({ left: '1.0.0' })
  const lock = old.lock.replace('"left": "1.0.0"', '"left": "^1.0.0"')
  const locked = await acquire({ left: '^1.0.0' }, lock)
  assert.is(await installed(locked.dir, 'left'), '1.0.0')

  registry.requests.length = 0
  const lines: string[] = []
  const again = await acquire({ left: '^1.0.0' }, lock, lines)
  assert.is(again.dir, locked.dir)
  assert.is(registry.requests.length, 0)
  assert.equal(lines, ['The library is unchanged and installed already'])

  const anew = await acquire({ left: '^1.0.0' })
  assert.is(await installed(anew.dir, 'left'), '1.1.0')
})

test('several at once: each gets a whole folder, nothing is left behind', async () => {
  const libraries = await Promise.all([1, 2, 3].map(() => acquire({ left: '1.0.0' })))
  assert.is(new Set(libraries.map((library) => library.dir)).size, 1)
  assert.is(await installed(libraries[0]!.dir, 'left'), '1.0.0')
  assert.equal(await readdir(path.join(dataDir, 'build', 'tmp')), [])
})

test('scripts of packages do not run', async () => {
  const library = await acquire({ scripted: '1.0.0' })
  assert.is(await installed(library.dir, 'scripted'), '1.0.0')
  assert.not.ok(existsSync(marker))
})

test('a name that is not there, in the words of npm', async () => {
  const error = await failureOf(acquire({ 'no-such-thing': '1' }))
  assert.is(error.code, 'library_install_failed')
  assert.is(error.step, 'install')
  assert.match(error.message, /^Cannot install `library`: npm says E404: Not Found - GET \S+no-such-thing/)
  assert.not.match(error.message, dataDir)
  assert.equal(await readdir(path.join(dataDir, 'build', 'tmp')), [])
})

test('a version that is not there', async () => {
  const error = await failureOf(acquire({ left: '^9.0.0' }))
  assert.match(error.message, /npm says ETARGET: No matching version found for left@\^9\.0\.0$/)
})

test('packages that do not go together: both sides are named', async () => {
  await using conflict = await fakeRegistry([
    ...PACKAGES,
    { name: 'plugin', version: '3.0.0', manifest: { peerDependencies: { left: '1.0.0' } } },
  ])
  store = storeFor(conflict.url)
  const error = await failureOf(acquire({ plugin: '3.0.0', left: '1.1.0' }))
  assert.match(
    error.message,
    /npm says ERESOLVE: .*; Found: left@1\.1\.0; peer left@"1\.0\.0" from plugin@3\.0\.0/,
  )
})

test('a registry that is not there', async () => {
  const gone = await fakeRegistry([])
  await gone[Symbol.asyncDispose]()
  store = storeFor(gone.url)
  assert.match(
    (await failureOf(acquire({ left: '1' }))).message,
    /npm says ECONNREFUSED: .*ECONNREFUSED 127\.0\.0\.1/,
  )
})

test('an abort kills npm at once', async () => {
  await using stuck = await fakeRegistry([])
  stuck.hang()
  store = storeFor(stuck.url)
  const controller = new AbortController()
  const work = store.acquire(spec({ left: '1' }), null, { signal: controller.signal, log: () => {} })
  const until = Date.now() + 30_000
  while (stuck.requests.length === 0 && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 20))
  const began = Date.now()
  controller.abort(new Error('enough'))
  const reason = await work.catch((error: Error) => error)
  assert.is((reason as Error).message, 'enough')
  assert.ok(Date.now() - began < 3000, `it took ${Date.now() - began} ms`)
  assert.equal(await readdir(path.join(dataDir, 'build', 'tmp')), [])
})

test('an aborted program ends with all that it started', async () => {
  const controller = new AbortController()
  const pids: number[] = []
  const work = runProcess('/bin/sh', ['-c', 'sleep 300 & echo $!; echo $$; wait'], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH! },
    signal: controller.signal,
    onLine: (line) => {
      if (pids.push(Number(line)) === 2) controller.abort(new Error('enough'))
    },
  })
  assert.is(((await work.catch((error: Error) => error)) as Error).message, 'enough')
  for (const pid of pids) assert.ok(await isGone(pid), `process ${pid} is there`)
})

/** A killed process stays in the table until its parent has looked; it runs no more. */
async function isGone(pid: number): Promise<boolean> {
  for (
    const until = Date.now() + 5000;
    Date.now() < until;
    await new Promise((resolve) => setTimeout(resolve, 20))
  ) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone Z')
    if (/\)? Z/.test(status)) return true
  }
  return false
}

test('npm gets what it needs to reach a registry, and nothing else', () => {
  const env = {
    PATH: '/bin',
    HOME: '/home/someone',
    FAAS_ADMIN_TOKEN: 'secret',
    AWS_SECRET_ACCESS_KEY: 'secret',
    NODE_OPTIONS: '--inspect',
    HTTPS_PROXY: 'http://proxy',
    SSL_CERT_FILE: '/ca',
  }
  assert.equal(npmEnvironment('/build/x', { registry: 'http://r', caFile: '/own-ca', env }), {
    HOME: '/build/x',
    TMPDIR: '/build/x',
    npm_config_cache: '/build/x/.npm',
    PATH: '/bin',
    HTTPS_PROXY: 'http://proxy',
    SSL_CERT_FILE: '/ca',
    npm_config_registry: 'http://r',
    npm_config_cafile: '/own-ca',
  })
})

test('no npm anywhere: says so', async () => {
  const config = { dataDir, buildConcurrency: 1, buildTimeoutMs: 1, npmRegistry: null, buildCaFile: null }
  const bare = createLibraryStore({ config, env: { PATH: dataDir } })
  const error = await failureOf(
    bare.acquire(spec({ left: '1' }), null, { signal: AbortSignal.timeout(5000), log: () => {} }),
  )
  assert.match(error.message, 'no npm was found on the PATH of the gateway; install Node.js with npm')
})

test('the 20 most recently used are kept, and those in use; what a dead gateway left is swept', async () => {
  const kept = path.join(dataDir, 'build', 'libraries')
  const temporary = path.join(dataDir, 'build', 'tmp')
  // No process has a number beyond this.
  await mkdir(path.join(temporary, '4194999-left-behind', 'node_modules'), { recursive: true })
  const held = await acquire({ left: '1.0.0' })
  await utimes(held.dir, 1, 1)
  for (let at = 0; at < 25; at++) {
    await mkdir(path.join(kept, `made-up-${at}`), { recursive: true })
    await utimes(path.join(kept, `made-up-${at}`), 1000 + at, 1000 + at)
  }
  const fresh = await acquire({ left: '1.1.0' })
  const left = await readdir(kept)
  assert.is(left.length, 21)
  assert.ok(existsSync(held.dir) && existsSync(fresh.dir))
  assert.not.ok(left.includes('made-up-5'))
  assert.ok(left.includes('made-up-6'))
  assert.equal(await readdir(temporary), [])
  held.release()
  await acquire({ left: '*', nested: '2.0.0' })
  assert.not.ok(existsSync(held.dir))
})

test.run()
