// @slow
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readConfig } from '../../src/config.ts'
import type { Runtime } from '../../src/runtime/runtime.ts'
import { createRuntimes } from '../../src/runtimes.ts'
import { call, startFunction } from '../support/runtime-harness.ts'
import { skip } from '../support/skip.ts'
import { contract, fixture, limitsContract } from './contract.ts'
import { edgeContract } from './edge-contract.ts'

const test = suite('isolate runtime')
const dataDir = mkdtempSync(path.join(tmpdir(), 'faas-isolate-'))
const { config } = readConfig(
  { FAAS_DATA_DIR: dataDir, FAAS_ISOLATE_HOSTS: '2', FAAS_ISOLATE_BLANKS: '2' },
  { cores: 2, memoryMb: 4096, terminal: false, cwd: '/' },
)
const messages: string[] = []
const runtimes = await createRuntimes(config, (message) => messages.push(message))
const isolate: Runtime | undefined = runtimes.find((runtime) => runtime.name === 'isolate')

if (isolate === undefined) {
  skip(test, 'the contract of runtimes', { name: 'node', missing: 'no Node.js that can load isolated-vm' })
} else {
  contract(test, () => isolate)
  edgeContract(test, () => isolate)
  limitsContract(test, () => isolate)

  test('functions that keep every host busy do not keep others from starting', async () => {
    const hogs = await Promise.all([1, 2].map(() => startFunction(isolate, fixture('busy-loop'))))
    const get = () => new Request('http://gateway.test/')
    const pending = hogs.map(({ instance }) => call(instance, get()).catch((error: unknown) => error))
    for (let round = 0; round < 3; round++) {
      const { instance } = await startFunction(isolate, 'export default () => new Response("fine")')
      assert.is(await (await call(instance, get())).response.text(), 'fine')
      await instance.close('idle')
    }
    for (const { instance } of hogs) assert.is((await instance.close('timeout')).reason, 'timeout')
    await Promise.all(pending)
  })
}

test.after(async () => {
  for (const runtime of runtimes) await runtime[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

test.run()
