// @serial
// @timeout 180
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import * as path from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { clusterCheck } from '../../../src/cli/doctor/checks/cluster/cluster.ts'
import { needing } from '../../support/skip.ts'
import { folder, look, only, PATIENT, type Settings } from './look.ts'

const test = suite('the doctor on the cluster')
const run = promisify(execFile)
const at = (settings: Settings, home = '/nowhere') => look(home, settings, (here) => [clusterCheck(here)])
const real = (settings: Settings) => look('/nowhere', settings, (here) => [clusterCheck(here)], PATIENT)

/** A cluster is a need of tests that KUBECONFIG names; whoever it belongs to must be its administrator. */
const KUBECONFIG = process.env.KUBECONFIG ?? ''
const onCluster = needing(test, { name: 'kubernetes', missing: await missing() })

async function missing(): Promise<string | null> {
  if (KUBECONFIG === '') return 'KUBECONFIG names no cluster'
  return kubectl('version', '--request-timeout=5s').then(
    () => null,
    (error: Error) => `no cluster answers: ${error.message}`,
  )
}

async function kubectl(...args: string[]): Promise<string> {
  return (await run('kubectl', args, { env: { ...process.env, KUBECONFIG } })).stdout.trim()
}

/** The client's configuration of one cluster, in JSON, which is YAML too. */
function configuration(
  server: string,
  user: Readonly<Record<string, unknown>> = {},
  more: object = {},
): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, ...more } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'here' } }],
    'current-context': 'x',
  })
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )
}

/** The address of a port that nobody has. */
async function closedPort(): Promise<string> {
  const server = createServer()
  const port = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return `https://127.0.0.1:${port}`
}

async function written(text: string, run: (file: string) => Promise<void>): Promise<void> {
  await using at = await folder()
  const file = path.join(at.path, 'kubeconfig')
  await writeFile(file, text)
  await run(file)
}

test('none is a note', async () => {
  const findings = await at({})
  assert.equal(
    findings.map(({ id, status }) => `${id} ${status}`),
    ['cluster note'],
  )
  assert.is(only(findings, 'cluster').facts.configured, false)
})

test('a KUBECONFIG of nowhere', async () => {
  const finding = only(await at({ KUBECONFIG: '/nowhere/kubeconfig' }), 'cluster')
  assert.is(finding.status, 'fail')
  assert.match(finding.summary, /by KUBECONFIG cannot be used: .*ENOENT/)
  assert.match(finding.remedy ?? '', /^correct KUBECONFIG/)
})

test('a configuration that is none, and one without a cluster', async () => {
  await written(': not [yaml', async (file) => {
    assert.is(only(await at({ KUBECONFIG: file }), 'cluster').status, 'fail')
  })
  await written('{"apiVersion":"v1","kind":"Config","current-context":"gone"}', async (file) => {
    assert.match(only(await at({ KUBECONFIG: file }), 'cluster').summary, /"gone" names no cluster/)
  })
})

test('a port that nobody has: a failure where it was named, a warning for a file that lies around', async () => {
  const text = configuration(await closedPort(), { token: 'hush-token' })
  await written(text, async (file) => {
    const findings = await at({ KUBECONFIG: file })
    const finding = only(findings, 'cluster')
    assert.is(finding.status, 'fail')
    assert.is(finding.facts.code, 'ECONNREFUSED')
    assert.is(finding.facts.namespace, 'here')
    assert.not.match(JSON.stringify(findings), /hush/)
  })
  await using home = await folder()
  await mkdir(path.join(home.path, '.kube'))
  await writeFile(path.join(home.path, '.kube/config'), text)
  const found = only(await at({ KUBE_NAMESPACE: 'there' }, home.path), 'cluster')
  assert.is(found.status, 'warn')
  assert.is(found.facts.from, '~/.kube/config')
  assert.is(found.facts.namespace, 'there')
})

test('a server that takes the connection and says nothing, within the deadline', async () => {
  const server = createServer()
  server.unref().on('connection', (socket) => socket.unref())
  const port = await listening(server)
  await written(configuration(`https://127.0.0.1:${port}`), async (file) => {
    const finding = only(await at({ KUBECONFIG: file }), 'cluster')
    assert.is(finding.status, 'fail')
    assert.match(finding.summary, /the cluster did not answer within 3 s/)
  })
})

test('an address without TLS', async () => {
  await written(configuration('http://127.0.0.1:8001'), async (file) => {
    const finding = only(await at({ KUBECONFIG: file }), 'cluster')
    assert.is(finding.status, 'fail')
    assert.match(finding.remedy ?? '', /https address/)
  })
})

test('a program to log in with that is not installed', async () => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'no-such-login-program' }
  await written(configuration(await closedPort(), { exec }), async (file) => {
    const finding = only(await at({ KUBECONFIG: file }), 'cluster')
    assert.is(finding.status, 'fail')
    assert.match(finding.summary, /ENOENT/)
    assert.match(finding.remedy ?? '', /install the program/)
  })
})

onCluster('a real cluster, whose administrator may do everything', async () => {
  const findings = await real({ KUBECONFIG })
  assert.is(only(findings, 'cluster').status, 'ok')
  assert.is(only(findings, 'cluster.namespace').facts.exists, true)
  assert.is(only(findings, 'cluster.permissions').status, 'ok')
})

onCluster('a namespace that is not there', async () => {
  const finding = only(await real({ KUBECONFIG, KUBE_NAMESPACE: 'no-such-namespace' }), 'cluster.namespace')
  assert.is(finding.status, 'fail')
  assert.match(finding.remedy ?? '', /kubectl create namespace no-such-namespace/)
})

onCluster('a user without rights, then with all but one, and a quota that is used up', async () => {
  const namespace = `doctor-${process.pid}`
  await kubectl('create', 'namespace', namespace)
  try {
    await kubectl('-n', namespace, 'create', 'serviceaccount', 'poor')
    await kubectl('-n', namespace, 'create', 'quota', 'none', '--hard=pods=0')
    const { server, more, token } = await account(namespace, 'poor')
    await written(configuration(server, { token }, more), async (file) => {
      const settings = { KUBECONFIG: file, KUBE_NAMESPACE: namespace }
      const findings = await real(settings)
      assert.is(only(findings, 'cluster').status, 'ok')
      assert.is(only(findings, 'cluster.namespace').status, 'note')
      const permissions = only(findings, 'cluster.permissions')
      assert.is(permissions.status, 'fail')
      const refused = permissions.facts.refused as Record<string, string[]>
      assert.equal(refused.pods, ['create', 'get', 'list', 'watch', 'delete'])
      assert.equal(refused['pods/log'], ['get'])
      assert.equal(refused['deployments.apps']?.includes('patch'), true)
      assert.not.ok(JSON.stringify(findings).includes(token))

      const everything = ['--verb=*', '--resource=pods,pods/log,services,configmaps,secrets,deployments.apps']
      await kubectl('-n', namespace, 'create', 'role', 'most', ...everything)
      const bound = ['--role=most', `--serviceaccount=${namespace}:poor`]
      await kubectl('-n', namespace, 'create', 'rolebinding', 'most', ...bound)
      const later = only(await real(settings), 'cluster.permissions').facts.refused
      assert.equal(Object.keys(later as object), ['jobs.batch', 'horizontalpodautoscalers.autoscaling'])
    })
    const quota = only(await real({ KUBECONFIG, KUBE_NAMESPACE: namespace }), 'cluster.namespace.quota')
    assert.is(quota.status, 'warn')
    assert.match(quota.summary, /quota "none" allows 0 of pods, all of it used/)
  } finally {
    await kubectl('delete', 'namespace', namespace, '--wait=false')
  }
})

onCluster('a token that is none', async () => {
  const { server, more } = await reach()
  await written(configuration(server, { token: 'not-a-token' }, more), async (file) => {
    const finding = only(await real({ KUBECONFIG: file }), 'cluster')
    assert.is(finding.status, 'fail')
    assert.is(finding.facts.status, 401)
    assert.match(finding.remedy ?? '', /renew the credentials of user "u"/)
  })
})

/** How the cluster is reached, without a user. */
async function reach(): Promise<{ server: string; more: object }> {
  const view = JSON.parse(await kubectl('config', 'view', '--raw', '--minify', '-o', 'json')) as {
    clusters: { cluster: Record<string, unknown> & { server: string } }[]
  }
  const { server, ...more } = view.clusters[0]!.cluster
  return { server, more }
}

/** A service account with a token of its own: made by the controller where it does that, else asked for. */
async function account(
  namespace: string,
  name: string,
): Promise<{ server: string; more: object; token: string }> {
  await using at = await folder()
  const file = path.join(at.path, 'secret.json')
  const annotations = { 'kubernetes.io/service-account.name': name }
  const type = 'kubernetes.io/service-account-token'
  const metadata = { name: `${name}-login`, annotations }
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Secret', type, metadata }))
  await kubectl('-n', namespace, 'apply', '-f', file)
  const until = Date.now() + 20_000
  for (;;) {
    const output = ['-o', 'jsonpath={.data.token}']
    const encoded = await kubectl('-n', namespace, 'get', 'secret', `${name}-login`, ...output)
    if (encoded !== '') return { ...(await reach()), token: Buffer.from(encoded, 'base64').toString() }
    if (Date.now() > until) throw new Error(`no token was made for service account "${name}"`)
  }
}

test.run()
