import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Deployment } from '../../../../domain/deployment.ts'
import type { Language } from '../../../../domain/runtime-name.ts'
import type { InstallSettings } from './settings.ts'
import { npmEnvironment, pipEnvironment } from './settings.ts'

/** How a library gets into an image: a program that runs in a container of the base image. */
export interface Recipe {
  readonly command: readonly string[]
  /** The file that the program reads, beside it. */
  readonly files: Readonly<Record<string, string>>
  /** The folder below /faas that it fills. */
  readonly target: string
  readonly args: readonly string[]
  /** The environment that the installer gets besides the base image's own. */
  readonly env: Readonly<Record<string, string>>
  /** The operator has set where packages come from; else it is as the base image has it. */
  readonly indexSet: boolean
  /** Equal for what installs the same: text of the library, base image, settings, this program. */
  readonly key: string
}

const PIP_ARGUMENTS = [
  '--requirement=requirements.txt',
  '--no-cache-dir',
  '--disable-pip-version-check',
  '--no-input',
  '--no-color',
  '--progress-bar=off',
  '--no-warn-script-location',
  // Someone waits for the build: an index that does not answer is told soon.
  '--retries=2',
]

/**
 * Install scripts run: native modules are built or fetched by them, and the container they run in is nobody's. They
 * are shown as they run.
 */
const NPM_ARGUMENTS = [
  '--ignore-scripts=false',
  // Newer ones ask for an approval of each otherwise.
  '--dangerously-allow-all-scripts',
  '--foreground-scripts',
  '--omit=dev',
  '--no-audit',
  '--no-fund',
  '--no-progress',
  '--no-color',
  '--no-update-notifier',
  // The lock in the image names versions and hashes, not where the registry is.
  '--omit-lockfile-registry-resolved',
  '--loglevel=notice',
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=500',
  '--fetch-retry-maxtimeout=2000',
]

/** Whether there is anything to install; else the base image alone serves. */
export function hasLibrary({ type, library }: Pick<Deployment, 'type' | 'library'>): boolean {
  if (library === null) return false
  return type === 'python'
    ? library.split(/\r?\n|\r/).some((line) => !/^[\s\uFEFF]*(#|-|$)/.test(line))
    : Object.keys(dependenciesOf(library).dependencies).length > 0
}

/** The recipe for a deployment's library on a base image. */
export async function recipeFor(
  { type, library }: Pick<Deployment, 'type' | 'library'>,
  baseId: string,
  settings: InstallSettings,
): Promise<Recipe> {
  const text = library ?? ''
  return type === 'python'
    ? recipe(type, 'pip-install.py', { 'requirements.txt': text }, PIP_ARGUMENTS, baseId, settings)
    : recipe(type, 'npm-install.mjs', { 'package.json': manifestOf(text) }, NPM_ARGUMENTS, baseId, settings)
}

async function recipe(
  language: Language,
  programName: string,
  files: Record<string, string>,
  args: readonly string[],
  baseId: string,
  settings: InstallSettings,
): Promise<Recipe> {
  const program = await readFile(new URL(`./${programName}`, import.meta.url), 'utf8')
  const env = language === 'python' ? pipEnvironment(settings) : npmEnvironment(settings)
  const index = withoutCredentials(language === 'python' ? settings.pipIndexUrl : settings.npmRegistry)
  const hash = createHash('sha256').update(JSON.stringify([baseId, program, files, args, index]))
  return {
    command: [language === 'python' ? 'python3' : 'node', `/faas/.install/${programName}`],
    files: { [programName]: program, ...files },
    target: language,
    args,
    env,
    indexSet: index !== null,
    key: hash.digest('hex').slice(0, 32),
  }
}

/** What of a package.json has a meaning for a callback: not its scripts, workspaces or overrides. */
function manifestOf(text: string): string {
  return JSON.stringify({ name: 'callback', private: true, ...dependenciesOf(text) })
}

function dependenciesOf(text: string): { dependencies: Record<string, string> } {
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> }
  return { dependencies }
}

function withoutCredentials(address: string | null): string | null {
  if (address === null) return null
  const url = new URL(address)
  url.username = ''
  url.password = ''
  return url.href
}
