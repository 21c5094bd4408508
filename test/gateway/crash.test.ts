import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { until } from '../support/runtime-harness.ts'
import { startServer, type TestServer } from '../support/server.ts'

// @timeout 600
// @serial

/** Kills of the gateway in a stream of writes, deploys and calls. */
const KILLS = 20

const test = suite('crash')

/** What the gateway has acknowledged, across all of its lives. */
interface Acknowledged {
  /** Callback id → the newest code that a PUT or POST was answered for. */
  readonly written: Map<number, string>
  /** Callback id → the newest version whose deploy ended `deployed`. */
  readonly deployed: Map<number, number>
  readonly titles: Map<number, string>
}

const code = (mark: string) => `export default () => new Response(${JSON.stringify(mark)})`

/** Writes, deploys and calls until the gateway is gone; what is answered is remembered. */
async function work(server: TestServer, life: number, known: Acknowledged): Promise<void> {
  for (let round = 0; ; round++) {
    const mark = `life ${life} round ${round}`
    const { callback_id: id } = await server.register({
      path: `crash/${life}/${round}`,
      method: 'GET',
      code: code(mark),
    })
    known.written.set(id, code(mark))
    const room = (await (
      await server.api('/chatroom', { method: 'POST', json: { title: mark, callback_id: id } })
    ).json()) as {
      chatroom_id?: number
      id?: number
    }
    known.titles.set(room.chatroom_id ?? room.id ?? 0, mark)
    const built = await server.deploy(id)
    known.deployed.set(id, built.version ?? 0)
    assert.is(await (await server.call(`crash/${life}/${round}`)).text(), mark)
    const old = [...known.written.keys()][0]
    if (old !== undefined && old !== id) {
      const updated = code(`${mark} again`)
      const response = await server.api(`/callbacks/${old}`, { method: 'PUT', json: { code: updated } })
      if (response.ok) known.written.set(old, updated)
    }
  }
}

async function check(server: TestServer, known: Acknowledged): Promise<void> {
  for (const [id, text] of known.written) {
    const callback = (await (await server.api(`/callbacks/${id}`)).json()) as {
      code: string
      path: string
      version: number
    }
    // A write under way when the process died may have been taken though nobody was told.
    assert.ok(
      callback.code === text || callback.code.includes('again'),
      `callback ${id} has the code that was acknowledged`,
    )
    const version = known.deployed.get(id)
    if (version === undefined) continue
    const response = await server.call(callback.path)
    assert.is(
      response.status,
      200,
      `callback ${id} serves after the restart: ${await response.clone().text()}`,
    )
    assert.ok(Number(response.headers.get('x-callback-version')) >= version)
  }
  for (const [id, title] of known.titles) {
    const room = (await (await server.api(`/chatroom/${id}`)).json()) as { title: string }
    assert.is(room.title, title)
  }
}

test(`after kill -9, ${KILLS} times, all that was acknowledged is there and serves, and nothing builds for ever`, async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'faas-crash-'))
  const known: Acknowledged = { written: new Map(), deployed: new Map(), titles: new Map() }
  try {
    for (let life = 0; life < KILLS; life++) {
      const server = await startServer({}, { dataDir })
      await check(server, known)
      const before = known.deployed.size
      const working = work(server, life, known).catch(() => undefined)
      await until(() => known.deployed.size > before, 'a deploy was acknowledged', 30_000)
      // Anywhere in what comes next: a write, a build, a call.
      const moment = Math.random() * 150
      await new Promise((resolve) => setTimeout(resolve, moment))
      await server.kill()
      await working
    }
    await using server = await startServer({}, { dataDir })
    await check(server, known)
    const statuses = async () => {
      const list = (await (await server.api('/callbacks')).json()) as { status: string }[]
      return list.every((callback) => callback.status !== 'build')
    }
    await until(statuses, 'no callback says build any more', 60_000)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
  assert.ok(known.deployed.size >= KILLS)
})

test.run()
