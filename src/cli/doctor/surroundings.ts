import { availableParallelism, homedir, totalmem } from 'node:os'
import * as path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Config, ConfigError, type Machine, readConfig } from '../../config.ts'

/** What the checks look at, read once. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The settings; where one is wrong, its default. */
  readonly config: Config
  /** What is wrong with the settings, by name. */
  readonly problems: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
  readonly machine: Machine
  readonly home: string
  /** The project's folder. */
  readonly root: string
  readonly onDeno: boolean
}

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')

/** Reads the settings as the gateway would, and goes on where it would stop. */
export function surroundings(env: Surroundings['env']): Surroundings {
  const machine: Machine = {
    cores: availableParallelism(),
    memoryMb: Math.floor(totalmem() / 1_048_576),
    terminal: process.stdout.isTTY === true,
    cwd: process.cwd(),
  }
  const settings = readWhatCanBeRead(env, machine)
  return { env, ...settings, machine, home: env.HOME || homedir(), root: ROOT, onDeno: 'Deno' in globalThis }
}

/** Leaves out what is wrong, until the rest can be read. */
function readWhatCanBeRead(
  env: Surroundings['env'],
  machine: Machine,
): Pick<Surroundings, 'config' | 'problems' | 'warnings'> {
  const problems: Record<string, string> = {}
  let rest = env
  for (;;) {
    try {
      return { ...readConfig(rest, machine), problems }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      for (const problem of error.problems) {
        const name = problem.split(' ', 1)[0]!
        if (rest[name] === undefined) throw error
        problems[name] = problem
        rest = { ...rest, [name]: undefined }
      }
    }
  }
}
