// Makes node_modules match package-lock.json, and says nothing when it does. Runs before the project's own
// Node is there, so it is plain JavaScript for Node 20 or newer, or for Deno.
//   node scripts/install.mjs [--production]
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const modules = path.join(root, 'node_modules')
const nodeFile = path.join(modules, '.bin', 'node')
const onDeno = process.versions.deno !== undefined

/** The npm to run when a machine has Deno alone. */
const NPM_ON_DENO = 'npm:npm@11'

/** npm's own record of what it put into node_modules, against the lock. */
function matchesLock(production) {
  const wanted = readJson(path.join(root, 'package-lock.json'))
  const present = readJson(path.join(modules, '.package-lock.json'))
  if (wanted === null || present === null) return false
  for (const [place, entry] of Object.entries(wanted.packages)) {
    if (place === '' || (production && (entry.dev || entry.devOptional))) continue
    const there = present.packages[place]
    if (there === undefined && entry.optional) continue
    if (there?.version !== entry.version || !fs.existsSync(path.join(root, place))) return false
  }
  return true
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** The machine's own tools: this project's Node is about to be replaced. */
function machineEnv() {
  const own = path.join(modules, '.bin')
  const folders = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => path.resolve(folder) !== own)
  return { ...process.env, PATH: folders.join(path.delimiter) }
}

/** Runs npm where there is one, else the one that Deno can run. */
function npm(args) {
  const options = { cwd: root, env: machineEnv(), stdio: 'inherit', shell: process.platform === 'win32' }
  const direct = spawnSync('npm', args, options)
  if (direct.error?.code !== 'ENOENT' || !onDeno) return direct
  // Install scripts ask for a `node` on the PATH, which a machine with Deno alone does not have.
  const withDeno = ['run', '-A', '--no-config', NPM_ON_DENO, ...args, '--ignore-scripts']
  return spawnSync(process.execPath, withDeno, { ...options, shell: false })
}

function install(production) {
  // Not `npm ci`: it refuses a lock that lacks the builds of other platforms, which npm leaves out of it when
  // it cannot fetch them. `--no-save` keeps to the lock and leaves it as it is.
  const args = [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...(production ? ['--omit=dev'] : []),
  ]
  console.error(`Installing what is missing: npm ${args.join(' ')}`)
  const { status, error } = npm(args)
  if (error !== undefined)
    fail(`npm cannot be started (${error.message}): install Node.js 20 or newer with npm`)
  if (status !== 0) {
    fail(`npm ended with code ${status}, its own words are above: see that "npm ping" works, then try again`)
  }
}

/**
 * No install script of any package is run: an older npm would compile isolated-vm for the machine's own Node,
 * which it is not for. The npm package `node` fetches its binary in one, so the package that holds the binary for
 * this platform is installed beside it.
 */
function fetchNode() {
  const version = readJson(path.join(modules, 'node', 'package.json'))?.version
  const flavour = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  const name = [flavour, process.platform === 'win32' ? 'win' : process.platform, process.arch].join('-')
  const folder = path.join(modules, 'node')
  npm([
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--prefix',
    folder,
    `${name}@${version}`,
  ])
  const binary = path.join(folder, 'node_modules', name, 'bin', 'node')
  if (!fs.existsSync(binary)) return
  fs.mkdirSync(path.join(folder, 'bin'), { recursive: true })
  fs.rmSync(path.join(folder, 'bin', 'node'), { force: true })
  fs.linkSync(binary, path.join(folder, 'bin', 'node'))
  fs.rmSync(nodeFile, { force: true })
  fs.symlinkSync(path.join('..', 'node', 'bin', 'node'), nodeFile)
}

function checkNode() {
  const wanted = readJson(path.join(root, 'package.json')).dependencies.node
  const found = spawnSync(nodeFile, ['--version'], { encoding: 'utf8' }).stdout?.trim()
  if (found === `v${wanted}`) return
  fail(
    `node_modules/.bin/node must be Node.js ${wanted}: it is ${found ?? 'missing'}. If npm is set to ignore ` +
      'scripts ("npm config get ignore-scripts"), run "npm rebuild node --ignore-scripts=false"',
  )
}

function fail(sentence) {
  console.error(`Cannot install: ${sentence}`)
  process.exit(1)
}

const production = process.argv.includes('--production')
const stale = !matchesLock(production)
if (stale) install(production)
const nodeMissing = !fs.existsSync(nodeFile)
if (nodeMissing) fetchNode()
if (stale || nodeMissing) checkNode()
