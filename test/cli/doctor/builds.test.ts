// @timeout 120
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import * as path from 'node:path'
import { rootCertificates } from 'node:tls'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { buildCaCheck } from '../../../src/cli/doctor/checks/build-ca.ts'
import { registryChecks } from '../../../src/cli/doctor/checks/registries.ts'
import { folder, look, only, type Settings } from './look.ts'

const test = suite('the doctor on builds')
const registries = (settings: Settings) => look('/nowhere', settings, (at) => registryChecks(at))
const ca = async (file: string) =>
  only(await look('/nowhere', { FAAS_BUILD_CA_FILE: file }, (at) => [buildCaCheck(at)]), 'build-ca')

/** Signed by itself, valid on the first of January 2020 alone. */
const EXPIRED = `-----BEGIN CERTIFICATE-----
MIIBKDCB0AIBATAKBggqhkjOPQQDAjAhMR8wHQYDVQQDDBZleHBpcmVkIHRlc3Qg
YXV0aG9yaXR5MB4XDTIwMDEwMTAwMDAwMFoXDTIwMDEwMjAwMDAwMFowITEfMB0G
A1UEAwwWZXhwaXJlZCB0ZXN0IGF1dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49
AwEHA0IABOEXQ3+rrGbN4n15YDjwDHewRAWUSdDLeY2MxxjO/WN2/kNNeRuUKTM0
pOslmGJC57STgvimJHb1vmdCHKjnZdYwCgYIKoZIzj0EAwIDRwAwRAIgb/VWHk3t
IrkHTO69/G85UALxO5KhqPVurye1kiQpR+ICIGZZqR2A+nrtQpZgOofhYtOUyvJ3
yXOmkfCpVkKMXARR
-----END CERTIFICATE-----
`

async function serving(
  answer: (url: string) => number | null,
  run: (origin: string) => Promise<void>,
): Promise<void> {
  const server: Server = createServer((request, response) => {
    const status = answer(request.url ?? '')
    if (status === null) return
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await run(`http://127.0.0.1:${(server.address() as { port: number }).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('registries that answer, with a ping and without one', async () => {
  await serving(
    (url) => (url.startsWith('/a/-/ping') || url === '/simple/pip/' ? 200 : 404),
    async (origin) => {
      const settings = { FAAS_NPM_REGISTRY: `${origin}/a/`, FAAS_PIP_INDEX_URL: `${origin}/simple` }
      const findings = await registries(settings)
      assert.is(only(findings, 'npm').status, 'ok')
      assert.is(only(findings, 'npm.registry').status, 'ok')
      assert.is(only(findings, 'npm.registry').facts.registry, `${origin}/a/`)
      assert.is(only(findings, 'pip.index').status, 'ok')
      const without = await registries({ FAAS_NPM_REGISTRY: `${origin}/b/` })
      assert.is(only(without, 'npm.registry').status, 'ok')
      assert.is(only(without, 'npm.registry').facts.code, 'E404')
    },
  )
})

test('a closed port', async () => {
  const settings = {
    FAAS_NPM_REGISTRY: 'http://127.0.0.1:1/',
    FAAS_PIP_INDEX_URL: 'http://127.0.0.1:1/simple',
  }
  const findings = await registries(settings)
  for (const id of ['npm.registry', 'pip.index']) {
    assert.is(only(findings, id).status, 'fail')
    assert.match(only(findings, id).summary, /ECONNREFUSED/)
  }
})

test('registries that want credentials, and say nothing of those that they got', async () => {
  await serving(
    () => 401,
    async (origin) => {
      const guarded = origin.replace('//', '//me:hush-hush@')
      const findings = await registries({ FAAS_NPM_REGISTRY: guarded, FAAS_PIP_INDEX_URL: guarded })
      for (const id of ['npm.registry', 'pip.index']) {
        assert.is(only(findings, id).status, 'fail')
        assert.match(only(findings, id).remedy ?? '', /credentials/)
      }
      assert.not.match(JSON.stringify(findings), /hush/)
    },
  )
})

test('registries that take the connection and say nothing, within the deadline', async () => {
  await serving(
    () => null,
    async (origin) => {
      const started = performance.now()
      const findings = await registries({ FAAS_NPM_REGISTRY: origin, FAAS_PIP_INDEX_URL: origin })
      assert.is(only(findings, 'npm.registry').status, 'fail')
      assert.is(only(findings, 'pip.index').status, 'fail')
      assert.match(only(findings, 'pip.index').summary, /did not answer within 3 s/)
      assert.ok(performance.now() - started < 8000)
    },
  )
})

test('a machine without npm', async () => {
  if ('Deno' in globalThis) {
    const findings = await registries({ PATH: '/nowhere' })
    assert.is(only(findings, 'npm').status, 'warn')
    assert.not.ok(findings.some(({ id }) => id === 'npm.registry'))
  }
})

test('without an index set nothing is asked', async () => {
  const findings = await registries({ FAAS_NPM_REGISTRY: 'http://127.0.0.1:1/' })
  assert.is(only(findings, 'pip.index').status, 'ok')
})

test('a certificate authority that is one', async () => {
  await using at = await folder()
  const file = path.join(at.path, 'ca.pem')
  await writeFile(file, rootCertificates.slice(0, 2).join('\n'))
  const finding = await ca(file)
  assert.is(finding.status, 'ok')
  assert.is(finding.facts.certificates, 2)
})

test('one that has expired, one that is none, one that cannot be read', async () => {
  await using at = await folder()
  const file = path.join(at.path, 'ca.pem')
  await writeFile(file, EXPIRED)
  const expired = await ca(file)
  assert.is(expired.status, 'fail')
  assert.match(expired.summary, /"CN=expired test authority" .* has expired/)
  await writeFile(file, 'words')
  assert.match((await ca(file)).summary, /holds no certificate/)
  await writeFile(file, EXPIRED.replace('MIIB', 'AAAA'))
  assert.is((await ca(file)).status, 'fail')
  const missing = await ca(path.join(at.path, 'missing.pem'))
  assert.is(missing.status, 'fail')
  assert.match(missing.summary, /ENOENT/)
})

test.run()
