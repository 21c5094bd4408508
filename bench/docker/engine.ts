import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { DOCKER_LANGUAGES, IMAGES } from './functions.ts'

const run = promisify(execFile)
const MARK = 'faas.gateway'
/** An engine that takes longer to answer is not worth measuring. Milliseconds. */
const ANSWER_WITHIN = 10_000

/** Why containers cannot be measured here; null: they can. */
export function engineMissing(): string | null {
  const version = inspect('version', '--format', '{{.Server.Version}}')
  if (version !== null) return `no Docker engine answers: ${version}`
  // A download within a measurement would be measured too.
  const absent = DOCKER_LANGUAGES.map((language) => IMAGES[language]).find(
    (image) => inspect('image', 'inspect', image) !== null,
  )
  return absent === undefined ? null : `the engine does not have the image "${absent}": docker pull ${absent}`
}

/** Runs the docker client and gives what it printed. @throws Error with what it complained of */
export async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args)).stdout.trim()
}

/** Ids of the containers of one gateway that run functions or wait for one. */
export async function runningContainers(gateway: string): Promise<string[]> {
  const filter = `label=${MARK}=${gateway}`
  const format = '{{.ID}} {{.Label "faas.role"}}'
  const lines = linesOf(await docker('ps', '--no-trunc', '--filter', filter, '--format', format))
  return lines.flatMap((line) => {
    const [id, role] = line.split(' ')
    return role === 'waiting' || role === 'function' ? [id!] : []
  })
}

/** Ids of all containers of one gateway, in any state and with any task. */
export async function allContainers(gateway: string): Promise<string[]> {
  return linesOf(await docker('ps', '--all', '--quiet', '--filter', `label=${MARK}=${gateway}`))
}

/** Takes away what a gateway that has ended left on the engine. @returns what that was, a line each: nothing, when all is well */
export async function removeParts(gateway: string): Promise<string[]> {
  const filter = `label=${MARK}=${gateway}`
  const containers = await allContainers(gateway)
  if (containers.length > 0) await docker('rm', '--force', '--volumes', ...containers)
  const networks = linesOf(await docker('network', 'ls', '--quiet', '--filter', filter))
  if (networks.length > 0) await docker('network', 'rm', ...networks)
  return [...containers.map((id) => `container ${id}`), ...networks.map((id) => `network ${id}`)]
}

/** The same for a process that is about to exit; what cannot be removed stays for the sweep of another gateway. */
export function removePartsNow(gateway: string): void {
  const list = (...args: string[]) =>
    linesOf(
      spawnSync('docker', [...args, '--quiet', '--filter', `label=${MARK}=${gateway}`], { encoding: 'utf8' })
        .stdout ?? '',
    )
  const containers = list('ps', '--all')
  if (containers.length > 0) spawnSync('docker', ['rm', '--force', '--volumes', ...containers])
  const networks = list('network', 'ls')
  if (networks.length > 0) spawnSync('docker', ['network', 'rm', ...networks])
}

/** @returns what the docker client complained of; null: nothing */
function inspect(...args: string[]): string | null {
  const { status, stderr, error } = spawnSync('docker', args, { encoding: 'utf8', timeout: ANSWER_WITHIN })
  if (error !== undefined) return error.message
  return status === 0 ? null : stderr.trim()
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
