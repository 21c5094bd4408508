import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { engineAddress } from '../../../../src/runtime/drivers/docker/engine/address.ts'
import { RuntimeUnavailable } from '../../../../src/runtime/failures.ts'

const test = suite('the address of the Docker engine')
let home = ''
test.before.each(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'faas-address-'))
})
test.after.each(() => rm(home, { recursive: true, force: true }))

type Env = Record<string, string>
const find = (env: Env = {}, configured: string | null = null) => engineAddress({ configured, env, home })

async function refused(env: Env, configured: string | null = null): Promise<RuntimeUnavailable> {
  try {
    await find(env, configured)
  } catch (error) {
    if (error instanceof RuntimeUnavailable) return error
    throw error
  }
  throw new Error('an address was found')
}

async function context(name: string, host: string, tls: Env = {}): Promise<void> {
  const id = createHash('sha256').update(name).digest('hex')
  const meta = path.join(home, '.docker/contexts/meta', id)
  await mkdir(meta, { recursive: true })
  await writeFile(path.join(meta, 'meta.json'), JSON.stringify({ Endpoints: { docker: { Host: host } } }))
  const folder = path.join(home, '.docker/contexts/tls', id, 'docker')
  if (Object.keys(tls).length > 0) await mkdir(folder, { recursive: true })
  for (const [file, text] of Object.entries(tls)) await writeFile(path.join(folder, file), text)
}

async function choose(name: string): Promise<void> {
  await mkdir(path.join(home, '.docker'), { recursive: true })
  await writeFile(path.join(home, '.docker/config.json'), JSON.stringify({ currentContext: name }))
}

test('the setting comes before DOCKER_HOST, and that before any context', async () => {
  await context('far', 'tcp://far.example:2375')
  await choose('far')
  const env = { DOCKER_HOST: 'unix:///a.sock', DOCKER_CONTEXT: 'far' }
  const configured = await find(env, 'unix:///b.sock')
  assert.is(configured.url, 'unix:///b.sock')
  assert.is(configured.from, 'FAAS_DOCKER_HOST')
  assert.is(configured.explicit, true)
  const host = await find(env)
  assert.is(host.from, 'DOCKER_HOST')
  assert.is(host.socket, '/a.sock')
})

test('nothing of the environment is left for the client to read', async () => {
  const { options } = await find({ DOCKER_HOST: 'tcp://1.2.3.4:1' }, 'unix:///b.sock')
  for (const name of ['host', 'port', 'protocol', 'ca', 'cert', 'key', 'pathPrefix'])
    assert.ok(name in options && options[name as keyof typeof options] === undefined, name)
  assert.is(options.socketPath, '/b.sock')
})

test('the current context, and the one that DOCKER_CONTEXT names', async () => {
  await context('far', 'tcp://far.example:2376', { 'ca.pem': 'CA', 'cert.pem': 'CERT', 'key.pem': 'KEY' })
  await context('near', 'unix:///near.sock')
  await choose('far')
  const far = await find()
  assert.is(far.from, 'context "far"')
  assert.is(far.url, 'tcp://far.example:2376')
  assert.equal(
    [far.options.protocol, far.options.host, far.options.port, far.options.ca, far.options.key],
    ['https', 'far.example', 2376, 'CA', 'KEY'],
  )
  assert.is((await find({ DOCKER_CONTEXT: 'near' })).socket, '/near.sock')
  assert.is((await find({ DOCKER_CONTEXT: 'default' })).from, 'default socket')
  assert.is((await find({ DOCKER_CONFIG: '/nowhere' })).from, 'default socket')
})

test('a context that is not there', async () => {
  await choose('gone')
  const error = await refused({})
  assert.match(error.message, /context "gone" is not there/)
  assert.match(error.remedy, /docker context ls/)
})

test('addresses as they are written', async () => {
  const cases: readonly [string, string, string | undefined, number | undefined][] = [
    ['tcp://10.0.0.1:2375', 'http', '10.0.0.1', 2375],
    ['10.0.0.1:2375', 'http', '10.0.0.1', 2375],
    ['tcp://engine', 'http', 'engine', 2375],
    ['tcp://engine:80', 'http', 'engine', 80],
    ['http://engine:80/', 'http', 'engine', 80],
    ['tcp://[::1]:2375', 'http', '::1', 2375],
    ['ssh://me@engine', 'ssh', 'engine', 22],
  ]
  for (const [text, protocol, host, port] of cases) {
    const { options } = await find({}, text)
    assert.equal([options.protocol, options.host, options.port], [protocol, host, port], text)
  }
  assert.is((await find({}, 'ssh://me@engine')).options.username, 'me')
})

test('TLS by DOCKER_TLS_VERIFY, with certificates that are there', async () => {
  await writeFile(path.join(home, 'ca.pem'), 'CA')
  const env = { DOCKER_HOST: 'tcp://engine:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: home }
  const { options } = await find(env)
  assert.is(options.protocol, 'https')
  assert.is(options.ca, 'CA')
  const error = await refused({ ...env, DOCKER_CERT_PATH: '/nowhere' })
  assert.match(error.message, /holds no ca\.pem/)
  assert.match(error.remedy, /DOCKER_CERT_PATH/)
})

test('what is no address is refused, without what it may hold', async () => {
  const error = await refused({}, 'ftp://me:hush@engine')
  assert.match(error.message, /FAAS_DOCKER_HOST is "ftp:\/\/\*\*\*@engine"/)
  assert.match(error.remedy, /unix:\/\/\//)
  assert.match((await refused({ DOCKER_HOST: 'tcp://' })).message, /DOCKER_HOST is/)
})

test('the socket of Docker Desktop, then that of the user, where the system has none', async () => {
  const folder = path.join(home, '.docker/run')
  await mkdir(folder, { recursive: true })
  const server = createServer().listen(path.join(folder, 'docker.sock'))
  await new Promise((resolve) => server.once('listening', resolve))
  const { url } = await find()
  server.close()
  assert.ok(url === 'unix:///var/run/docker.sock' || url === `unix://${folder}/docker.sock`)
})

test.run()
