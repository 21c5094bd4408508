// @slow
import { suite } from 'uvu'
import { createWorkerRuntime } from '../../src/runtime/drivers/worker/driver.ts'
import type { Runtime } from '../../src/runtime/runtime.ts'
import { skip } from '../support/skip.ts'
import { contract } from './contract.ts'

const test = suite('worker runtime')

if ('Deno' in globalThis) {
  const { buildWorkerGuest } = await import('../../runtimes/worker/bundle.ts')
  const runtime: Runtime = createWorkerRuntime({ build: buildWorkerGuest })
  contract(test, () => runtime)
  test.after(async () => {
    await runtime[Symbol.asyncDispose]()
  })
} else {
  skip(test, 'the contract of runtimes', { name: 'worker', missing: 'workers exist on Deno only' })
}

test.run()
