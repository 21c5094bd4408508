import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { docker, gatewayId, partsOf } from '../support/docker.ts'
import { type Ended, type ServerOptions, startServer, type TestServer } from '../support/server.ts'

/** A gateway whose functions run in containers of the machine's engine. */
export interface DockerGateway extends TestServer {
  /** How it marks what it makes. */
  readonly id: string
  /** Its containers, those of `role` alone where one is named. */
  containers(role?: Role): Promise<Container[]>
  /** Containers, images, networks and volumes of it, a line each. */
  parts(): Promise<string[]>
  /** Ends it, and takes away what it left. @returns what that was */
  clear(): Promise<string[]>
}

type Role = 'waiting' | 'function' | 'guard' | 'build'

export interface Container {
  readonly id: string
  readonly role: string
  readonly state: string
}

/** Starting takes the engine a moment for each thing, and the machine may be busy. Milliseconds. */
const PATIENCE = 30_000

/** Starts a gateway and waits until it has seen the engine. */
export async function startGateway(
  settings: Readonly<Record<string, string>> = {},
  options: ServerOptions = {},
): Promise<DockerGateway> {
  const server = await startServer({ FAAS_DOCKER_HOST: '', FAAS_DOCKER_PREWARM: '1', ...settings }, options)
  const id = await until(
    // It may be being written.
    async () => (await gatewayId(server.dataDir).catch(() => '')) || undefined,
    () => `the gateway's id: ${server.output()}`,
  )
  return {
    ...server,
    id,
    containers: (role) => containersOf(id, role),
    parts: () => partsOf(id),
    async clear() {
      await server.kill()
      return removeParts(id)
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
    },
  }
}

/** Stops a gateway with SIGTERM. @returns how it ended, and what it left on the engine: nothing, when all is well */
export async function stopped(gateway: DockerGateway): Promise<{ end: Ended; left: string[] }> {
  const end = await gateway.stop()
  return { end, left: await removeParts(gateway.id) }
}

/** Declares what each suite ends with: its gateway ends in peace, and nothing of it stays. */
export function endInPeace(
  suiteOf: Test,
  test: (name: string, handler: () => Promise<void>) => void,
  gateway: DockerGateway | null,
): void {
  test('it ends in peace, and leaves nothing', async () => {
    assert.equal(await stopped(gateway!), { end: { code: 0, signal: null }, left: [] })
  })
  suiteOf.after(async () => {
    await gateway?.clear()
  })
}

async function containersOf(id: string, role?: Role): Promise<Container[]> {
  const format = '{{.ID}} {{.Label "faas.role"}} {{.State}}'
  const filters = ['--filter', `label=faas.gateway=${id}`]
  if (role !== undefined) filters.push('--filter', `label=faas.role=${role}`)
  const list = await docker('ps', '--all', '--no-trunc', ...filters, '--format', format)
  return list
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [container = '', its = '', state = ''] = line.split(' ')
      return { id: container, role: its, state }
    })
}

/** @returns what there was, but for what the engine itself cannot part with */
async function removeParts(id: string): Promise<string[]> {
  const left: string[] = []
  for (const line of await partsOf(id)) {
    const [kind, name = ''] = line.split(/[ :]+/)
    const doomed = kind === 'image' ? line.slice('image '.length) : name
    const command = { container: ['rm', '-f'], image: ['rmi', '-f'], network: ['network', 'rm'] }[kind ?? '']
    const problem = command === undefined ? '' : await docker(...command, doomed).then(() => '', String)
    if (kind === 'network' && (await isStuck(name, problem)))
      console.log(`  the engine miscounts the endpoints of ${name} and keeps it until it is restarted`)
    else left.push(line)
  }
  return left
}

/** Engines have been seen to lose count of a network's endpoints where many containers come and go at once. */
async function isStuck(network: string, problem: string): Promise<boolean> {
  if (!problem.includes('has active endpoints')) return false
  return (await docker('network', 'inspect', network, '--format', '{{len .Containers}}')) === '0'
}

/** Asks again until there is an answer. @throws Error when there is none in time */
export async function until<T>(
  ask: () => Promise<T | undefined>,
  what: string | (() => string),
  within = PATIENCE,
): Promise<T> {
  const end = performance.now() + within
  for (;;) {
    const found = await ask()
    if (found !== undefined) return found
    if (performance.now() > end)
      throw new Error(`waited ${within} ms for ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
