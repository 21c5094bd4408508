// @serial
// @slow
// @timeout 300
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import { nodeGuest } from '../../runtimes/node/bundle.ts'
import { pythonGuest } from '../../runtimes/python/bundle.ts'
import { createDockerRuntime } from '../../src/runtime/drivers/docker/driver.ts'
import { dockerMissing } from '../support/docker.ts'
import { skip } from '../support/skip.ts'
import { contract, limitsContract } from './contract.ts'

const test = suite('docker runtime')

const missing = dockerMissing()
if (missing === null) {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'faas-docker-'))
  const runtime = createDockerRuntime({
    host: null,
    env: process.env,
    dataDir,
    pythonImage: 'python:3-slim',
    nodeImage: 'node:26-slim',
    pipIndexUrl: null,
    npmRegistry: null,
    buildCaFile: null,
    prewarm: 2,
    cpus: 2,
    // Nothing here needs a network, and a container without one starts sooner.
    egress: { mode: 'none', allow: [] },
    guests: { python: pythonGuest, node: nodeGuest },
    log: () => undefined,
    bootTimeoutMs: 3000,
  })
  contract(test, () => runtime)
  limitsContract(test, () => runtime)
  test.after(async () => {
    await runtime[Symbol.asyncDispose]()
    rmSync(dataDir, { recursive: true, force: true })
  })
} else {
  skip(test, 'the contract of runtimes', { name: 'docker', missing })
}

test.run()
