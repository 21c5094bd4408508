import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { homedir, hostname } from 'node:os'
import * as path from 'node:path'
import process from 'node:process'
import { RuntimeUnavailable } from '../../../failures.ts'
import { engineAddress } from './address.ts'
import { Engine } from './engine.ts'

/** What is needed to find an engine. */
export interface ConnectOptions {
  /** FAAS_DOCKER_HOST; null: the Docker client's own rules. */
  readonly host: string | null
  readonly env: Readonly<Record<string, string | undefined>>
  readonly dataDir: string
}

const SOCKET = /^unix:\/\/(.+)$/

/**
 * Finds the engine without talking to it yet.
 * @throws RuntimeUnavailable where there is no socket
 */
export async function connect({ host, env, dataDir }: ConnectOptions): Promise<Engine> {
  const { url, from, options } = await engineAddress({ configured: host, env, home: homedir() })
  const socket = SOCKET.exec(url)?.[1]
  // Where there is no engine at all its client is not even loaded.
  if (socket !== undefined && (await stat(socket).catch(() => null)) === null) {
    throw new RuntimeUnavailable(
      `there is no Docker engine at ${url} (${from})`,
      'start Docker, or point FAAS_DOCKER_HOST or DOCKER_HOST at an engine that runs',
    )
  }
  const { default: Dockerode } = await import('dockerode')
  const identity = {
    gateway: await gatewayId(dataDir),
    owner: `${hostname()}:${process.pid}:${randomUUID()}`,
  }
  return new Engine(new Dockerode(options), url, identity)
}

/** Tells this gateway's containers, networks and images from those of others on the same engine. */
async function gatewayId(dataDir: string): Promise<string> {
  const file = path.join(dataDir, 'gateway-id')
  await mkdir(dataDir, { recursive: true })
  try {
    await writeFile(file, randomBytes(4).toString('hex'), { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const id = (await readFile(file, 'utf8')).trim()
  if (/^[0-9a-f]{8}$/.test(id)) return id
  throw new RuntimeUnavailable(`${file} is not the id of a gateway`, 'remove that file')
}
