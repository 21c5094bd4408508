// @engine beside
// @node
// @timeout 300
import { spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { connect as connectTo, createServer, type Socket } from 'node:net'
import { homedir, hostname, tmpdir } from 'node:os'
import * as path from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { engineAddress } from '../../../../src/runtime/drivers/docker/engine/address.ts'
import { docker, dockerNeed, partsOf } from '../../../support/docker.ts'
import { needing } from '../../../support/skip.ts'
import {
  deploymentOf,
  type PrivateRegistry,
  packageJson,
  privateRegistry,
  type TestImages,
  testImages,
  until,
} from './support.ts'

const test = suite('the container that installs')
const need = dockerNeed()
const engine = needing(test, need)

// What is printed goes to the log: scripts are shown as they run.
const TELL = 'echo user $(id -u); env | sort; cat /proc/self/status; touch /usr/x; touch /faas/node/made'
const HUNGRY = 'node -e "const all = []; for (;;) all.push(Buffer.alloc(1e8, 1))"'
const SCRIPTS = { tells: TELL, hungry: HUNGRY, broken: 'echo Error: no luck; exit 3', greeting: null }

let registry: PrivateRegistry
let shop: TestImages

test.before(async () => {
  if (need.missing !== null) return
  registry = await privateRegistry(SCRIPTS)
  shop = await imagesWith({})
})
test.after(async () => {
  await shop?.images.sweep([])
  await registry?.[Symbol.asyncDispose]()
})

function imagesWith(more: Parameters<typeof testImages>[0]): Promise<TestImages> {
  const { pipIndexUrl, npmRegistry, buildCaFile, network } = registry
  return testImages({ pipIndexUrl, npmRegistry, buildCaFile, network, ...more })
}

engine(
  'what packages run there has no rights, nothing of the gateway, and begins behind closed ways',
  async () => {
    const confined: unknown[] = []
    const { images, build } = await imagesWith({
      env: {
        HTTP_PROXY: 'http://somebody:secret@proxy.test:3128',
        HTTPS_PROXY: 'http://127.0.0.1:3128',
        FAAS_ADMIN_TOKEN: 'the-token',
      },
      network: {
        use: registry.network.use,
        confine: async (id, image, destinations) => {
          const running = await docker('inspect', '--format', '{{.State.Running}} {{.Image}}', id)
          confined.push({ running, destinations, asked: await registry.requests() })
          assert.match(running, image)
        },
      },
    })
    const asked = await registry.requests()
    const { npmRegistry } = registry
    try {
      const { log } = await build(deploymentOf('node', packageJson({ tells: '1' })))
      const text = log.join('\n')
      assert.equal(confined, [
        {
          running: (confined[0] as { running: string }).running,
          destinations: ['proxy.test:3128', hostOf(npmRegistry)],
          asked,
        },
      ])
      assert.match((confined[0] as { running: string }).running, /^true /)
      for (const part of [
        'user 65532',
        /CapEff:\s+0{16}/,
        /CapBnd:\s+0{16}/,
        /NoNewPrivs:\s+1/,
        /touch: .*\/usr\/x/,
      ])
        assert.match(text, part)
      assert.match(text, 'HTTP_PROXY=http://somebody:****@proxy.test:3128')
      for (const hidden of ['the-token', 'HTTPS_PROXY', 'SECRET_OF_THE_FUNCTION', registry.password])
        assert.not.ok(text.includes(hidden), `${hidden} is in ${text}`)
      assert.not.match(text, /complete log of this run|allowScripts|\x1b/)
    } finally {
      await images.sweep([])
    }
  },
)

engine('a script that fails, and one that takes too much memory', async () => {
  assert.is(
    await shop.failure(deploymentOf('node', packageJson({ broken: '1' }))),
    'Cannot install `library`: npm says the install script of "broken" failed, `echo Error: no luck; exit 3`: Error: no luck',
  )
  assert.is(
    await shop.failure(deploymentOf('node', packageJson({ hungry: '1' }))),
    'Cannot install `library`: it needed more than the 2048 MB that an installation may use',
  )
  assert.equal(await partsOf(shop.gateway), [])
})

engine('a build that is stopped ends on the engine and leaves nothing', async () => {
  const stop = new AbortController()
  const building = shop.build(deploymentOf('python', 'hangs'), stop.signal).catch((error: unknown) => error)
  await until(async () => (await registry.requests()).includes('/simple/hangs/'))
  assert.is((await partsOf(shop.gateway)).length, 1, 'the container that installs')
  const reason = new Error('enough')
  stop.abort(reason)
  assert.is(await building, reason)
  assert.equal(await partsOf(shop.gateway), [])
  assert.is(
    await shop.build(deploymentOf('python', 'hangs'), stop.signal).catch((error: unknown) => error),
    reason,
  )
})

engine('two builds of one library install it once, also when the first one is stopped', async () => {
  const stop = new AbortController()
  const library = 'greeting==2.0'
  const stopped = shop.build(deploymentOf('python', library, 1), stop.signal).catch(() => 'stopped')
  const others = [2, 3].map((version) => shop.build(deploymentOf('python', library, version)))
  stop.abort(new Error('enough'))
  assert.is(await stopped, 'stopped')
  const [second, third] = await Promise.all(others)
  const asked = await registry.requests()
  assert.is(asked.filter((line) => line === '/files/greeting-2.0-py3-none-any.whl').length, 1)
  const logs = [second!.log, third!.log].sort((a, b) => a.length - b.length)
  assert.equal(logs[0], ['The library is unchanged and installed already'])
  assert.is(logs[1]!.at(-1), 'Successfully installed greeting-2.0')
  const ids = await docker('inspect', '--format', '{{.Id}}', second!.reference, third!.reference)
  assert.is(new Set(ids.split('\n')).size, 1)
  await shop.images.sweep([])
  assert.equal(await partsOf(shop.gateway), [])
})

engine(
  'when the engine goes away under a build it fails in a sentence, and the next process sweeps up',
  async () => {
    const { socket, cut } = await socketToEngine()
    // A process of this machine that has ended.
    const { pid } = spawnSync(process.execPath, ['--version'])
    const lost = await imagesWith({ socket, owner: `${hostname()}:${pid}:x` })
    const failing = lost.failure(deploymentOf('python', 'hangs\n# again'))
    await until(async () => (await partsOf(lost.gateway)).length === 1)
    await until(
      async () => (await registry.requests()).filter((line) => line === '/simple/hangs/').length > 1,
    )
    await cut()
    assert.match(
      await failing,
      /^Cannot install `library`: the Docker engine at \S+ does not answer: .*start Docker/,
    )
    // Without its gateway the installer ends by itself.
    await until(async () => (await partsOf(lost.gateway)).every((part) => part.includes('Exited')))
    const next = await imagesWith({ gateway: lost.gateway })
    await next.images.sweep([])
    assert.equal(await partsOf(lost.gateway), [])
  },
)

/** A socket that leads to the engine until it is cut. */
async function socketToEngine(): Promise<{ socket: string; cut(): Promise<void> }> {
  const address = await engineAddress({ configured: null, env: process.env, home: homedir() })
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connectTo(address.socket!)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy()).pipe(to)
    }
  })
  const socket = path.join(tmpdir(), `faas-engine-${process.pid}.sock`)
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const open of sockets) open.destroy()
    await closed
    await rm(socket, { force: true })
  }
  return { socket, cut }
}

test.run()

/** With its port, whether that is named or not. */
function hostOf(address: string | null): string {
  const { hostname, port } = new URL(address!)
  return `${hostname}:${port || 443}`
}
