import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import process from 'node:process'
import { listeningLines, runtimeLines } from './banner.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { createGateway, type Gateway, type Host } from './gateway.ts'
import type { Listening } from './http/node-server.ts'
import { createLog } from './observe/log.ts'
import { createRuntimes } from './runtimes.ts'

/** What a host brings: its server, and the two things that hono does differently on each. */
export interface HostServer extends Pick<Host, 'upgradeWebSocket' | 'peer'> {
  readonly listen: (fetch: Gateway['fetch'], host: string, port: number) => Promise<Listening>
}

/** The exit code for settings that cannot be used (sysexits.h, EX_CONFIG). */
const EX_CONFIG = 78
const INTERRUPTED = 130
/** Milliseconds. */
const SAME_SIGNAL = 300
/** How long the first lines wait for runtimes that are still starting. Milliseconds. */
const RUNTIMES_WITHIN = 15_000

/** Runs a gateway until a signal ends it. Never rejects: what goes wrong becomes a sentence and an exit code. */
export async function serve(server: HostServer): Promise<void> {
  const config = settings()
  if (config === null) return
  const log = createLog({
    level: config.logLevel,
    format: config.logFormat,
    secrets: [config.adminToken, config.dbAuthToken],
  })
  const version = packageVersion()
  try {
    const gateway = await createGateway(config, { ...server, log, version, runtimes: createRuntimes })
    const listening = await server.listen(gateway.fetch, config.host, config.port)
    const address = addressOf(config, listening.port)
    process.stdout.write(listeningLines(address, gateway.location))
    endOnSignal(gateway, listening, log.write)
    stayUp(log.write)
    const runtimes = await gateway.runtimes(RUNTIMES_WITHIN)
    process.stdout.write(runtimeLines(address, runtimes, config.adminToken !== null))
  } catch (error) {
    log.write('error', `Cannot start: ${error instanceof Error ? error.message : String(error)}`, {})
    process.exit(1)
  }
}

function settings(): Config | null {
  const machine = {
    cores: availableParallelism(),
    memoryMb: Math.floor(totalmem() / 1_048_576),
    terminal: process.stdout.isTTY === true,
    cwd: process.cwd(),
  }
  try {
    const { config, warnings } = readConfig(process.env, machine)
    for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`)
    return config
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.problems.join('\n')}\n`)
    process.exitCode = EX_CONFIG
    return null
  }
}

/**
 * The first signal drains, the second stops at once. Where npm or a task runner passes on a signal that the
 * whole process group got too, it comes twice in a row: that counts as one.
 */
function endOnSignal(gateway: Gateway, listening: Listening, log: Host['log']['write']): void {
  let began: number | null = null
  const end = async (signal: string) => {
    if (began !== null) {
      if (performance.now() - began > SAME_SIGNAL) process.exit(INTERRUPTED)
      return
    }
    began = performance.now()
    log('info', `${signal}: answering what is in flight, then ending`, {})
    gateway.drain()
    await listening.close()
    await gateway[Symbol.asyncDispose]()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(signal))
}

/** What no caller waits for must not end the calls of all others: it is told in the log. */
function stayUp(log: Host['log']['write']): void {
  const tell = (error: unknown) =>
    log('error', 'something went wrong outside of any request', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  process.on('uncaughtException', tell)
  process.on('unhandledRejection', tell)
}

function addressOf(config: Config, port: number): string {
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return `http://${host}:${port}`
}

function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}
