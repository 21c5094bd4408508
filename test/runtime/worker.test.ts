// @slow
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import { createWorkerRuntime } from '../../src/runtime/drivers/worker/driver.ts'
import type { Runtime } from '../../src/runtime/runtime.ts'
import { skip } from '../support/skip.ts'
import { contract } from './contract.ts'
import { edgeContract } from './edge-contract.ts'

const test = suite('worker runtime')

if ('Deno' in globalThis) {
  const cacheDir = mkdtempSync(path.join(tmpdir(), 'faas-worker-'))
  const { buildWorkerGuest } = await import('../../runtimes/worker/bundle.ts')
  const runtime: Runtime = createWorkerRuntime({ build: buildWorkerGuest, cacheDir })
  contract(test, () => runtime)
  edgeContract(test, () => runtime)
  test.after(async () => {
    await runtime[Symbol.asyncDispose]()
    rmSync(cacheDir, { recursive: true, force: true })
  })
} else {
  skip(test, 'the contract of runtimes', { name: 'worker', missing: 'workers exist on Deno only' })
}

test.run()
