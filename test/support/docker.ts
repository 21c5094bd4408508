import { execFile, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import * as path from 'node:path'
import { promisify } from 'node:util'
import type { Need } from './skip.ts'

const run = promisify(execFile)
/** An engine that takes longer to say its version is of no use to a test. Milliseconds. */
const ANSWER_WITHIN = 10_000
const LABEL = 'faas.gateway'

/** Why tests cannot use Docker here; null: they can. */
export function dockerMissing(): string | null {
  const { status, stderr, error } = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    encoding: 'utf8',
    timeout: ANSWER_WITHIN,
  })
  if (error !== undefined) return `the docker client cannot be run: ${error.message}`
  return status === 0 ? null : `no Docker engine answers: ${stderr.trim()}`
}

/** Docker as a need of tests: skipped with its reason where it is missing, failed where FAAS_TEST_REQUIRE names it. */
export function dockerNeed(): Need {
  return { name: 'docker', missing: dockerMissing() }
}

/** Runs the docker client and gives what it printed. @throws Error with what it complained of */
export async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args, { maxBuffer: 64 * 1_048_576 })).stdout.trim()
}

/** The address of this machine that containers can send to, once a gateway allows it. */
export async function hostForContainers(): Promise<string> {
  const format = '{{range .IPAM.Config}}{{.Gateway}}{{"\\n"}}{{end}}'
  const address = (await docker('network', 'inspect', 'bridge', '--format', format)).split('\n')[0]
  if (!address) throw new Error('Cannot find the address of the host: the bridge network has no gateway')
  return address
}

/** How a gateway marks what it makes on an engine. */
export async function gatewayId(dataDir: string): Promise<string> {
  return (await readFile(path.join(dataDir, 'gateway-id'), 'utf8')).trim()
}

/** All that the engine has of one gateway: containers in any state, images, networks and volumes, a line each. */
export async function partsOf(gateway: string): Promise<string[]> {
  const filter = `label=${LABEL}=${gateway}`
  const lists = await Promise.all([
    docker('ps', '--all', '--filter', filter, '--format', 'container {{.Names}}: {{.Status}}'),
    docker('images', '--all', '--filter', filter, '--format', 'image {{.Repository}}:{{.Tag}}'),
    docker('network', 'ls', '--filter', filter, '--format', 'network {{.Name}}'),
    docker('volume', 'ls', '--filter', filter, '--format', 'volume {{.Name}}'),
  ])
  return lists.flatMap((list) => list.split('\n')).filter((line) => line !== '')
}
