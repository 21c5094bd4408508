import { access, constants } from 'node:fs/promises'
import * as path from 'node:path'
import { BuildFailure } from '../../runtime/failures.ts'
import { npmSentence } from '../../runtime/install-sentences.ts'
import { npmRegistryEnvironment } from '../../runtime/npm-registry.ts'
import { runProcess } from './run-process.ts'

/** Settings of npm that the operator can make. */
export interface NpmSettings {
  readonly registry: string | null
  readonly caFile: string | null
  /** The gateway's environment; only what npm needs of it is handed on. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What an installation tells and heeds. */
export interface InstallContext {
  readonly signal: AbortSignal
  readonly log: (line: string) => void
}

/** Scripts of packages never run: they would run with the rights of the gateway. */
const ARGUMENTS = [
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--omit=dev',
  '--install-strategy=hoisted',
  '--no-bin-links',
  '--no-progress',
  '--no-update-notifier',
  '--loglevel=notice',
  // Someone waits for the build: a registry that does not answer is told soon.
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=500',
  '--fetch-retry-maxtimeout=2000',
  // A lock without addresses serves whichever registry is set when it is used again.
  '--omit-lockfile-registry-resolved',
]

/** What npm needs of the gateway's environment to reach a registry. */
const HANDED_ON = [
  'PATH',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
]

/**
 * Installs what the package.json of a folder asks for, by its package-lock.json when it has one.
 * @throws BuildFailure `library_install_failed` in npm's own words
 */
export async function npmInstall(
  folder: string,
  locked: boolean,
  settings: NpmSettings,
  context: InstallContext,
): Promise<void> {
  const npm = await findNpm(settings.env.PATH)
  const output: string[] = []
  const args = [locked ? 'ci' : 'install', ...ARGUMENTS]
  const ended = await runProcess(npm, args, {
    cwd: folder,
    env: npmEnvironment(folder, settings),
    signal: context.signal,
    onLine: (line) => {
      const shown = line.replaceAll(folder, '.')
      if (output.push(shown) > MAX_KEPT) output.shift()
      context.log(shown)
    },
  })
  if (ended.code !== 0) throw failed(`Cannot install \`library\`: npm says ${npmSentence(output)}`)
}

const MAX_KEPT = 200

/** The environment of npm, whole: nothing of the gateway's own settings is in it. */
export function npmEnvironment(folder: string, settings: NpmSettings): Record<string, string> {
  const env: Record<string, string> = {
    HOME: folder,
    TMPDIR: folder,
    npm_config_cache: path.join(folder, '.npm'),
  }
  for (const name of HANDED_ON) {
    const value = settings.env[name]
    if (value !== undefined) env[name] = value
  }
  if (settings.registry !== null) Object.assign(env, npmRegistryEnvironment(settings.registry))
  if (settings.caFile !== null) env.npm_config_cafile = settings.caFile
  return env
}

/**
 * The npm beside the running Node, else the first on the PATH.
 * @throws BuildFailure when there is none
 */
export async function findNpm(searchPath = ''): Promise<string> {
  const beside = 'Deno' in globalThis ? [] : [path.dirname(process.execPath)]
  for (const folder of [...beside, ...searchPath.split(path.delimiter).filter((part) => part !== '')]) {
    const candidate = path.join(folder, 'npm')
    if (await isExecutable(candidate)) return candidate
  }
  throw failed(
    'Cannot install `library`: no npm was found on the PATH of the gateway; install Node.js with npm',
  )
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function failed(message: string): BuildFailure {
  return new BuildFailure({ code: 'library_install_failed', message, step: 'install' })
}
