import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConfigError, type Machine, readConfig, SETTINGS } from '../src/config.ts'

const machine: Machine = { cores: 3, memoryMb: 4096, terminal: false, cwd: '/srv/gateway' }
const read = (env: Record<string, string | undefined>) => readConfig(env, machine)
const test = suite('settings')

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    read(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('every default holds with nothing set', () => {
  const { config, warnings } = read({})
  assert.is(config.host, '127.0.0.1')
  assert.is(config.port, 8000)
  assert.is(config.dataDir, '/srv/gateway/data')
  assert.is(config.dbUrl, 'file:/srv/gateway/data/faas.db')
  assert.is(config.adminToken, null)
  assert.is(config.isolateHosts, 3)
  assert.is(config.logFormat, 'json')
  assert.is(config.egress, 'public')
  assert.equal(config.corsOrigins, [])
  assert.equal(warnings, [])
  assert.equal(Object.keys(config).sort(), Object.keys(SETTINGS).sort())
})

test('the machine decides what is left to it', () => {
  const { config } = readConfig({}, { ...machine, terminal: true, cores: 8 })
  assert.is(config.logFormat, 'pretty')
  assert.is(config.isolateHosts, 8)
  assert.is(config.isolateMemoryMb, 2048)
})

test('an empty value is no value', () => {
  assert.is(read({ FAAS_PORT: '', FAAS_ADMIN_TOKEN: '' }).config.port, 8000)
  assert.is(read({ FAAS_ADMIN_TOKEN: '' }).config.adminToken, null)
})

test('what is set is taken', () => {
  const { config } = read({
    FAAS_PORT: '0',
    FAAS_DATA_DIR: '/var/faas',
    FAAS_ADMIN_TOKEN: 's3cret',
    FAAS_HOST: '0.0.0.0',
    FAAS_CORS_ORIGINS: 'https://a.example, http://localhost:3000,',
    FAAS_LOG_LEVEL: 'silent',
    FAAS_EGRESS: 'none',
    FAAS_NPM_REGISTRY: 'https://npm.example/',
  })
  assert.is(config.port, 0)
  assert.is(config.dbUrl, 'file:/var/faas/faas.db')
  assert.equal(config.corsOrigins, ['https://a.example', 'http://localhost:3000'])
  assert.is(config.logLevel, 'silent')
  assert.is(config.npmRegistry, 'https://npm.example/')
})

test('every database address of the contract is taken', () => {
  for (const url of [
    ':memory:',
    'file:a.db',
    'http://db',
    'https://db',
    'libsql://db',
    'ws://db',
    'wss://db',
  ]) {
    assert.is(read({ FAAS_DB_URL: url }).config.dbUrl, url)
  }
})

const bad: [name: string, value: string, part: string][] = [
  ['FAAS_PORT', '65536', 'whole number from 0 to 65535: it is "65536"'],
  ['FAAS_PORT', '-1', 'whole number'],
  ['FAAS_PORT', '80.5', 'whole number'],
  ['FAAS_PORT', '0x50', 'whole number'],
  ['FAAS_PORT', ' 80', 'whole number'],
  ['FAAS_ISOLATE_HOSTS', '0', 'from 1 to 256'],
  ['FAAS_INSECURE', 'maybe', '1 or 0'],
  ['FAAS_DB_URL', 'postgres://db', ':memory:'],
  ['FAAS_DB_URL', 'file:', ':memory:'],
  ['FAAS_CORS_ORIGINS', 'https://a.example/path', 'not an origin'],
  ['FAAS_CORS_ORIGINS', 'a.example', 'not an origin'],
  ['FAAS_LOG_LEVEL', 'loud', 'one of debug'],
  ['FAAS_NPM_REGISTRY', 'ftp://npm.example', 'starts with http:// or https://'],
]
for (const [name, value, part] of bad) {
  test(`refuses ${name}=${value}`, () => {
    const problems = problemsOf({ [name]: value })
    assert.is(problems.length, 1)
    assert.match(problems[0]!, `${name} `)
    assert.match(problems[0]!, part)
    assert.not.match(problems[0]!, /\.$/)
  })
}

test('tells all problems at once', () => {
  assert.is(problemsOf({ FAAS_PORT: 'x', FAAS_LOG_LEVEL: 'x', FAAS_EGRESS: 'x' }).length, 3)
})

test('destinations that functions may reach are read one by one', () => {
  const { config } = read({ FAAS_EGRESS_ALLOW: 'db.internal:5432, 10.0.0.0/8,[::1]:80' })
  assert.equal(config.egressAllow, ['db.internal:5432', '10.0.0.0/8', '[::1]:80'])
  const wrong = problemsOf({ FAAS_EGRESS_ALLOW: 'db.internal, http://x/' })
  assert.match(wrong.join(), 'FAAS_EGRESS_ALLOW has "http://x/"')
})

test('listens beyond loopback only with a token, or when told so', () => {
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.com', '127.example.com']) {
    assert.match(problemsOf({ FAAS_HOST: host }).join(), 'FAAS_ADMIN_TOKEN is not set')
    assert.is(read({ FAAS_HOST: host, FAAS_ADMIN_TOKEN: 'x' }).config.host, host)
    assert.is(read({ FAAS_HOST: host, FAAS_INSECURE: '1' }).config.host, host)
  }
  for (const host of ['localhost', '::1', '127.0.0.1', '127.8.8.8'])
    assert.equal(problemsOf({ FAAS_HOST: host }), [])
})

test('never shows a token', () => {
  const problems = problemsOf({ FAAS_ADMIN_TOKEN: 's3cret', FAAS_HOST: '0.0.0.0', FAAS_PORT: 'x' })
  assert.not.match(problems.join(), 's3cret')
})

test('warns of a name it does not know, with the nearest one', () => {
  const { warnings } = read({ FAAS_PROT: '1', FAAS_TEST_REQUIRE: 'kube', FAAS_BENCH_X: '1', PORT: '1' })
  assert.equal(warnings, ['FAAS_PROT is not a setting; did you mean FAAS_PORT'])
})

test('each setting says what it is', () => {
  const names = Object.values(SETTINGS).map((setting) => setting.name)
  assert.is(new Set(names).size, names.length)
  for (const { name, about } of Object.values(SETTINGS)) {
    assert.match(name, /^(FAAS_[A-Z_]+|KUBE[A-Z_]*)$/)
    assert.match(about, /^\S.{5,}[^.]$/)
  }
})

test.run()
