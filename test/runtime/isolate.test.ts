// @slow
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import { readConfig } from '../../src/config.ts'
import type { Runtime } from '../../src/runtime/runtime.ts'
import { createRuntimes } from '../../src/runtimes.ts'
import { skip } from '../support/skip.ts'
import { contract, limitsContract } from './contract.ts'

const test = suite('isolate runtime')
const dataDir = mkdtempSync(path.join(tmpdir(), 'faas-isolate-'))
const { config } = readConfig(
  { FAAS_DATA_DIR: dataDir, FAAS_ISOLATE_HOSTS: '2', FAAS_ISOLATE_BLANKS: '2' },
  { cores: 2, terminal: false, cwd: '/' },
)
const messages: string[] = []
const runtimes = await createRuntimes(config, (message) => messages.push(message))
const isolate: Runtime | undefined = runtimes.find((runtime) => runtime.name === 'isolate')

if (isolate === undefined) {
  skip(test, 'the contract of runtimes', { name: 'node', missing: 'no Node.js that can load isolated-vm' })
} else {
  contract(test, () => isolate)
  limitsContract(test, () => isolate)
}

test.after(async () => {
  for (const runtime of runtimes) await runtime[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

test.run()
