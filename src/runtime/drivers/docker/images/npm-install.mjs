// Installs package.json into /faas/node, in a container that is made into an image when this has ended well.
// Started by the gateway with the base image's own Node. What must not be in the image (the registry with its
// credentials, certificates, proxies) comes as one line of JSON on standard input, and goes to npm alone. Before it there
// may be a question: where npm goes by the image's own configuration, as a JSON array of addresses.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import * as path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const WORK = path.dirname(fileURLToPath(import.meta.url))
const ROOT = path.dirname(WORK)
// In memory, so that no layer gets it.
const CERTIFICATES = '/tmp/certificates.pem'

const input = createInterface({ input: process.stdin })
input.on('line', (line) => {
  const job = JSON.parse(line)
  if (job.ask) console.log(JSON.stringify(usualPlaces()))
  else install(job)
})
// The gateway is gone, and with it who could make use of this.
input.once('close', () => process.exit(143))

function usualPlaces() {
  const names = ['registry', 'proxy', 'https-proxy']
  const { stdout } = spawnSync('npm', ['config', 'get', ...names], {
    env: { ...process.env, HOME: WORK },
    encoding: 'utf8',
  })
  return (stdout ?? '').split('\n').map((line) => line.replace(/^[\w-]+ ?= ?/, '').trim())
}

function install(job) {
  const env = {
    ...process.env,
    ...job.env,
    HOME: WORK,
    TMPDIR: WORK,
    npm_config_cache: path.join(WORK, 'npm'),
  }
  if (job.ca !== null) trust(env, job.ca)
  const npm = spawn('npm', ['install', ...job.args], {
    cwd: path.join(ROOT, 'node'),
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  npm.once('error', (error) => {
    console.error(
      error.code === 'ENOENT' ? 'npm error there is no npm in the image' : `npm error ${error.message}`,
    )
    process.exit(127)
  })
  npm.once('close', (code) => {
    if (code === 0) tidy()
    process.exit(code ?? 1)
  })
}

/** Node takes one file besides the certificates it knows, and the image may have set one. */
function trust(env, certificate) {
  const known = env.NODE_EXTRA_CA_CERTS ? read(env.NODE_EXTRA_CA_CERTS) : ''
  writeFileSync(CERTIFICATES, `${known}\n${certificate}`)
  env.NODE_EXTRA_CA_CERTS = CERTIFICATES
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** Takes away what only the installation needed, and makes the rest readable for every user. */
function tidy() {
  rmSync(WORK, { recursive: true, force: true })
  open(ROOT)
}

function open(file) {
  const status = lstatSync(file)
  if (status.isSymbolicLink()) return
  const wanted = status.isDirectory() || (status.mode & 0o111) !== 0 ? 0o755 : 0o644
  if ((status.mode & 0o7777) !== wanted) chmodSync(file, wanted)
  if (status.isDirectory()) for (const name of readdirSync(file)) open(path.join(file, name))
}
