import * as path from 'node:path'
import { parseDestination } from './domain/destination.ts'

/** Everything that can be set, once. The environment is injected: `readConfig` is the only reader. */
export interface Config {
  readonly host: string
  readonly port: number
  readonly dataDir: string
  readonly dbUrl: string
  readonly dbAuthToken: string | null
  readonly adminToken: string | null
  readonly insecure: boolean
  readonly corsOrigins: readonly string[]
  readonly isolateHosts: number
  readonly isolateBlanks: number
  readonly isolateMemoryMb: number
  readonly maxInstances: number
  readonly queueLimit: number
  readonly maxBodyBytes: number
  readonly maxCallBodyBytes: number
  readonly bodyTimeoutMs: number
  readonly buildConcurrency: number
  readonly buildTimeoutMs: number
  readonly npmRegistry: string | null
  readonly pipIndexUrl: string | null
  readonly buildCaFile: string | null
  readonly node: string | null
  readonly dockerHost: string | null
  readonly dockerPrewarm: number
  readonly dockerCpus: number
  readonly pythonImage: string
  readonly nodeImage: string
  readonly registry: string | null
  readonly egress: 'public' | 'all' | 'none'
  readonly egressAllow: readonly string[]
  readonly logLevel: LogLevel
  readonly logFormat: 'json' | 'pretty'
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

type Env = Readonly<Record<string, string | undefined>>

/** What the machine gives, injected so that tests need none of it. */
export interface Machine {
  readonly cores: number
  /** MiB. */
  readonly memoryMb: number
  readonly terminal: boolean
  readonly cwd: string
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

type Parse<T> = (text: string) => T

/** One setting: its name, a sentence for people, its default and its reader (which throws a sentence). */
interface Setting<T> {
  readonly name: string
  readonly about: string
  readonly fallback: (machine: Machine) => T
  readonly parse: Parse<T>
}

const text: Parse<string> = (value) => value
const flag: Parse<boolean> = (value) => {
  if (/^(1|true|yes|on)$/i.test(value)) return true
  if (/^(0|false|no|off)$/i.test(value)) return false
  throw 'must be 1 or 0'
}
function integer(min: number, max: number): Parse<number> {
  return (value) => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < min || number > max)
      throw `must be a whole number from ${min} to ${max}`
    return number
  }
}
function decimal(min: number, max: number): Parse<number> {
  return (value) => {
    const number = Number(value)
    if (!/^\d+(\.\d+)?$/.test(value) || number < min || number > max)
      throw `must be a number from ${min} to ${max}`
    return number
  }
}
function oneOf<const T extends string>(...values: T[]): Parse<T> {
  return (value) => {
    const found = values.find((candidate) => candidate === value)
    if (found === undefined) throw `must be one of ${values.join(', ')}`
    return found
  }
}
function url(...protocols: string[]): Parse<string> {
  return (value) => {
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      throw `must be an address that starts with ${protocols.map((protocol) => protocol + '//').join(' or ')}`
    }
    return value
  }
}
const dbUrl: Parse<string> = (value) => {
  if (value === ':memory:' || /^(file:|https?:\/\/|libsql:\/\/|wss?:\/\/)./.test(value)) return value
  throw 'must be :memory:, file:PATH, or the http, https, libsql, ws or wss address of a libSQL server'
}
const origins: Parse<readonly string[]> = (value) => {
  const list = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  for (const origin of list) {
    if (origin !== '*' && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
      throw `has "${origin}", which is not an origin such as https://example.com, nor *`
    }
  }
  return list
}
const destinations: Parse<readonly string[]> = (value) => {
  const list = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const wrong = list.find((entry) => parseDestination(entry) === null)
  if (wrong !== undefined)
    throw `has "${wrong}", which is not a host, a host with a port, nor a network such as 10.0.0.0/8`
  return list
}

function setting<T>(
  name: string,
  about: string,
  fallback: Setting<T>['fallback'],
  parse: Parse<T>,
): Setting<T> {
  return { name, about, fallback, parse }
}

/** Every setting, declared once, with its default and its range. docs/configuration.md is made from this table. */
export const SETTINGS = {
  host: setting('FAAS_HOST', 'Address to listen on', () => '127.0.0.1', text),
  port: setting('FAAS_PORT', 'Port to listen on; 0 picks a free one', () => 8000, integer(0, 65535)),
  dataDir: setting(
    'FAAS_DATA_DIR',
    'Folder of everything the gateway keeps; created when missing',
    () => './data',
    text,
  ),
  dbUrl: setting('FAAS_DB_URL', ':memory:, file:PATH, or the address of a libSQL server', () => '', dbUrl),
  dbAuthToken: setting(
    'FAAS_DB_AUTH_TOKEN',
    'Token of the libSQL server',
    () => null,
    text as Parse<string | null>,
  ),
  adminToken: setting(
    'FAAS_ADMIN_TOKEN',
    'When set, the management API needs `authorization: Bearer TOKEN`',
    () => null,
    text as Parse<string | null>,
  ),
  insecure: setting(
    'FAAS_INSECURE',
    'Allow listening beyond loopback without FAAS_ADMIN_TOKEN',
    () => false,
    flag,
  ),
  corsOrigins: setting(
    'FAAS_CORS_ORIGINS',
    'Origins that browsers may call from, comma-separated; * for all',
    () => [],
    origins,
  ),
  isolateHosts: setting(
    'FAAS_ISOLATE_HOSTS',
    'Processes that hold the isolates',
    (machine) => machine.cores,
    integer(1, 256),
  ),
  isolateBlanks: setting(
    'FAAS_ISOLATE_BLANKS',
    'Blank isolates each host keeps ready',
    () => 4,
    integer(0, 64),
  ),
  isolateMemoryMb: setting(
    'FAAS_ISOLATE_MEMORY_MB',
    'Memory of all isolates together, in MiB; the longest idle gives way',
    (machine) => Math.max(256, Math.floor(machine.memoryMb / 2)),
    integer(64, 16_777_216),
  ),
  maxInstances: setting(
    'FAAS_MAX_INSTANCES',
    'Live instances of all functions together; the longest idle gives way',
    () => 4096,
    integer(1, 100_000),
  ),
  queueLimit: setting(
    'FAAS_QUEUE_LIMIT',
    'Calls that may wait per function before 503',
    () => 1000,
    integer(1, 1_000_000),
  ),
  maxBodyBytes: setting(
    'FAAS_MAX_BODY_BYTES',
    'Largest body of the management API',
    () => 16_777_216,
    integer(1024, 67_108_864),
  ),
  maxCallBodyBytes: setting(
    'FAAS_MAX_CALL_BODY_BYTES',
    'Largest body of a call; it is streamed',
    () => 4_294_967_296,
    integer(0, Number.MAX_SAFE_INTEGER),
  ),
  bodyTimeoutMs: setting(
    'FAAS_BODY_TIMEOUT_MS',
    'Longest pause of a client that sends a body',
    () => 30_000,
    integer(100, 3_600_000),
  ),
  buildConcurrency: setting(
    'FAAS_BUILD_CONCURRENCY',
    'Builds that run at the same time',
    () => 2,
    integer(1, 64),
  ),
  buildTimeoutMs: setting(
    'FAAS_BUILD_TIMEOUT_MS',
    'Longest a build may take',
    () => 600_000,
    integer(1000, 7_200_000),
  ),
  npmRegistry: setting(
    'FAAS_NPM_REGISTRY',
    'npm registry for libraries',
    () => null,
    url('http:', 'https:') as Parse<string | null>,
  ),
  pipIndexUrl: setting(
    'FAAS_PIP_INDEX_URL',
    'Python package index for libraries',
    () => null,
    url('http:', 'https:') as Parse<string | null>,
  ),
  buildCaFile: setting(
    'FAAS_BUILD_CA_FILE',
    'Certificate authority that builds trust besides the usual ones',
    () => null,
    text as Parse<string | null>,
  ),
  node: setting(
    'FAAS_NODE',
    'Node.js (24 or 26) that holds the isolates, when the gateway itself runs on Deno',
    () => null,
    text as Parse<string | null>,
  ),
  dockerHost: setting(
    'FAAS_DOCKER_HOST',
    'Address of the Docker engine, for the docker runtime; none: the Docker client’s own rules',
    () => null,
    text as Parse<string | null>,
  ),
  dockerPrewarm: setting(
    'FAAS_DOCKER_PREWARM',
    'Generic containers that wait per language, once there are functions in it',
    () => 1,
    integer(0, 64),
  ),
  dockerCpus: setting(
    'FAAS_DOCKER_CPUS',
    'CPUs that one container may use at the most, such as 0.5',
    () => 2,
    decimal(0.01, 1024),
  ),
  pythonImage: setting('FAAS_PYTHON_IMAGE', 'Base image of Python containers', () => 'python:3-slim', text),
  nodeImage: setting('FAAS_NODE_IMAGE', 'Base image of Node containers', () => 'node:26-slim', text),
  registry: setting(
    'FAAS_REGISTRY',
    'Where images go when the cluster is not on this Docker engine',
    () => null,
    text as Parse<string | null>,
  ),
  egress: setting(
    'FAAS_EGRESS',
    'Where fetch of a function may go: public addresses, all, or none',
    () => 'public',
    oneOf('public', 'all', 'none'),
  ),
  egressAllow: setting(
    'FAAS_EGRESS_ALLOW',
    'Hosts, host:port pairs and networks (CIDR) that functions may reach besides, comma-separated',
    () => [],
    destinations,
  ),
  logLevel: setting(
    'FAAS_LOG_LEVEL',
    'Least level of the gateway’s own log',
    () => 'info',
    oneOf(...LOG_LEVELS),
  ),
  logFormat: setting(
    'FAAS_LOG_FORMAT',
    'json or pretty',
    (machine) => (machine.terminal ? 'pretty' : 'json'),
    oneOf('json', 'pretty'),
  ),
} as const satisfies { [K in keyof Config]: Setting<Config[K]> }

/**
 * Reads and checks every setting.
 * @throws ConfigError with all problems at once, a sentence each
 */
export function readConfig(env: Env, machine: Machine): { config: Config; warnings: string[] } {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries(SETTINGS) as [string, Setting<unknown>][]) {
    const raw = env[entry.name]
    if (raw === undefined || raw === '') {
      values[key] = entry.fallback(machine)
      continue
    }
    try {
      values[key] = entry.parse(raw)
    } catch (problem) {
      problems.push(`${entry.name} ${String(problem)}: it is "${/TOKEN/.test(entry.name) ? '***' : raw}"`)
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  const config = values as unknown as Config
  const dataDir = path.resolve(machine.cwd, config.dataDir)
  const complete = { ...config, dataDir, dbUrl: config.dbUrl || `file:${path.join(dataDir, 'faas.db')}` }
  const exposed = !isLoopback(complete.host) && complete.adminToken === null && !complete.insecure
  if (exposed) {
    throw new ConfigError([
      `FAAS_HOST is "${complete.host}", which others can reach, and FAAS_ADMIN_TOKEN is not set: ` +
        'set FAAS_ADMIN_TOKEN, or FAAS_HOST=127.0.0.1, or FAAS_INSECURE=1 to let anyone deploy code',
    ])
  }
  return { config: complete, warnings: unknownNames(env) }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** `FAAS_TEST_*` and `FAAS_BENCH_*` belong to the tests and benches. */
function unknownNames(env: Env): string[] {
  const known = Object.values(SETTINGS).map((entry) => entry.name)
  return Object.keys(env)
    .filter(
      (name) => name.startsWith('FAAS_') && !/^FAAS_(TEST|BENCH|BASE)_/.test(name) && !known.includes(name),
    )
    .map((name) => {
      const nearest = known.toSorted((a, b) => distance(name, a) - distance(name, b))[0]
      return `${name} is not a setting; did you mean ${nearest}`
    })
}

/** Levenshtein distance, two rows. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
