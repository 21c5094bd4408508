// @timeout 180
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CAN_LOOK, familyOf, isRunning } from '../hostile/processes.ts'
import { until } from '../support/runtime-harness.ts'
import { startServer, type TestServer } from '../support/server.ts'

const test = suite('lifecycle')

const SLOW =
  'export default async () => { await new Promise((r) => setTimeout(r, 700)); return new Response("answered") }'
const HELLO = 'export default () => new Response("hello")'

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The processes that a gateway started. */
function children(pid: number): Promise<number[]> {
  return new Promise((resolve) => {
    execFile('pgrep', ['-P', String(pid)], (_error, stdout) =>
      resolve(stdout.split('\n').filter(Boolean).map(Number)),
    )
  })
}

function shell(line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', line], { timeout: 60_000 }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    )
  })
}

async function deployed(server: TestServer, name: string, code: string, extra: object = {}): Promise<number> {
  const { callback_id } = await server.register({ path: name, method: 'ANY', code, ...extra })
  await server.deploy(callback_id)
  return callback_id
}

test('the line that is printed at start registers, deploys and calls a first function', async () => {
  await using server = await startServer()
  await until(() => /register, deploy and call/.test(server.output()), 'the line was printed', 20_000)
  assert.match(server.output(), /data {6}\S+faas\.db/)
  assert.match(server.output(), /docker {3}not ready: .+/)
  const line =
    server
      .output()
      .split('\n')
      .find((text) => text.includes('/callbacks -d')) ?? ''
  const printed = await shell(line)
  assert.match(printed, 'HTTP/1.1 200')
  assert.match(printed, 'Hello from an isolate\n')
})

test('SIGTERM answers what is in flight, takes nothing new and leaves nothing running', async () => {
  const server = await startServer()
  await deployed(server, 'slow', SLOW)
  const started = await children(server.pid)
  assert.ok(started.length > 0, 'the gateway has child processes')
  const pending = server.call('slow').then((response) => response.text())
  const instances = async () => {
    const list = (await (await server.api('/callbacks')).json()) as { callback_id: number }[]
    const { instances: live } = (await (
      await server.api(`/callbacks/${list[0]?.callback_id}/instances`)
    ).json()) as {
      instances: { in_flight: number }[]
    }
    return live.some((instance) => instance.in_flight === 1)
  }
  await until(instances, 'the call is in flight')
  const ended = server.stop()
  assert.is(await pending, 'answered')
  assert.equal(await ended, { code: 0, signal: null })
  await until(() => started.every((pid) => !alive(pid)), 'its children are gone')
})

test('a deployment serves again after a restart', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'faas-restart-'))
  try {
    const first = await startServer({}, { dataDir })
    await deployed(first, 'hello', HELLO)
    await first.stop()
    await using second = await startServer({}, { dataDir })
    const response = await second.call('hello')
    assert.is(await response.text(), 'hello')
    assert.is(response.headers.get('x-faas-start'), 'cold')
    assert.is(response.headers.get('x-callback-version'), '1')
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})

test('what another replica deploys is served within a moment', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'faas-replicas-'))
  try {
    await using first = await startServer({}, { dataDir })
    await using second = await startServer({}, { dataDir })
    const id = await deployed(first, 'shared', HELLO)
    await until(async () => (await second.call('shared')).status === 200, 'the second replica serves it')
    await first.api('/deploy', { method: 'POST', json: { callback_id: id, status: false } })
    await until(async () => (await second.call('shared')).status === 404, 'the second replica has dropped it')
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})

test('deploys in a stream of calls lose none, and each call ends on the version it began on', async () => {
  await using server = await startServer()
  const code = (version: number) =>
    `export default async () => { await new Promise((r) => setTimeout(r, 20)); return new Response("version ${version}") }`
  const { callback_id } = await server.register({ path: 'moving', method: 'GET', code: code(1) })
  await server.deploy(callback_id)
  let going = true
  const answers: string[] = []
  const callers = Array.from({ length: 8 }, async () => {
    while (going) {
      const response = await server.call('moving')
      const text = await response.text()
      answers.push(`${response.status} ${text}`)
      assert.is(text, `version ${response.headers.get('x-callback-version')}`)
    }
  })
  for (let version = 2; version <= 8; version++) {
    await server.api(`/callbacks/${callback_id}`, { method: 'PUT', json: { code: code(version) } })
    await server.deploy(callback_id)
  }
  await until(() => answers.includes('200 version 8'), 'the last version answered')
  going = false
  await Promise.all(callers)
  assert.equal(
    answers.filter((answer) => !answer.startsWith('200 ')),
    [],
  )
  assert.ok(answers.length >= callers.length, `${answers.length} calls were made`)
})

test('a failed build says where, and what served keeps serving', async () => {
  await using server = await startServer()
  const id = await deployed(server, 'kept', HELLO)
  await server.api(`/callbacks/${id}`, {
    method: 'PUT',
    json: { code: 'const fine = 1\nexport default () => {{ }' },
  })
  await server.deploy(id).catch(() => undefined)
  const [newest] = (await (await server.api(`/callbacks/${id}/deployments`)).json()) as {
    status: string
    error: { file: string; line: number; column: number }
  }[]
  assert.is(newest?.status, 'failed')
  assert.is(newest?.error.file, 'callback.ts')
  assert.is(newest?.error.line, 2)
  assert.is(await (await server.call('kept')).text(), 'hello')
})

if (CAN_LOOK)
  test('one that is ended while it makes its snapshot takes that process along', async () => {
    const server = await startServer()
    const maker = () => familyOf(server.pid).find(({ command }) => / snapshot $/.test(command))
    await until(() => maker() !== undefined, 'the snapshot is being made')
    const { pid } = maker()!
    assert.equal(await server.stop(), { code: 0, signal: null })
    assert.not.ok(isRunning(pid))
    assert.not.match(server.output(), 'no snapshot could be made')
  })

test('settings that cannot be used are told all at once, with exit code 78', async () => {
  const failure = await startServer({ FAAS_PORT: 'eighty', FAAS_LOG_LEVEL: 'loud' }).then(
    () => null,
    (error: Error) => error.message,
  )
  assert.match(failure ?? '', 'FAAS_PORT')
  assert.match(failure ?? '', 'FAAS_LOG_LEVEL')
  assert.match(failure ?? '', '78')
})

test('an address that others can reach needs a token', async () => {
  const failure = await startServer({ FAAS_HOST: '0.0.0.0' }).then(
    () => null,
    (error: Error) => error.message,
  )
  assert.match(failure ?? '', 'FAAS_ADMIN_TOKEN')
})

test.run()
