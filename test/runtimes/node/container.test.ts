// @node
// @timeout 120
// @serial
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { docker, dockerNeed } from '../../support/docker.ts'
import { until } from '../../support/runtime-harness.ts'
import { needing } from '../../support/skip.ts'
import { NodeGuest } from './node-guest.ts'

const test = suite('the Node guest in a container that may do nothing')
const onEngine = needing(test, dockerNeed())

const LABEL = 'faas-test=node-guest'
const HARDENING = [
  ...['--label', LABEL, '--network', 'none', '--read-only', '--tmpfs', '/tmp:size=64m,noexec'],
  ...['--user', '65534:65534', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
  ...['--pids-limit', '256', '--env', 'HOME=/tmp', '--env', 'TMPDIR=/tmp', '--workdir', '/tmp'],
]
let next = 1

/** A generic container with this much memory, ready for a function. */
async function generic(memoryMb: number, becomesMb = memoryMb): Promise<{ guest: NodeGuest; name: string }> {
  const name = `faas-test-node-guest-${process.pid}-${next++}`
  const memory = ['--memory', `${memoryMb}m`, '--memory-swap', `${memoryMb}m`]
  const run = ['docker', 'run', '--interactive', '--name', name, ...HARDENING, ...memory]
  const guest = new NodeGuest({ inside: [...run, '--entrypoint', '', 'node:26-slim'], memoryMb: becomesMb })
  await until(() => guest.hello !== null, 'the container said hello', 30_000)
  return { guest, name }
}

async function ending<T>(
  { guest, name }: Awaited<ReturnType<typeof generic>>,
  use: () => Promise<T>,
): Promise<T> {
  try {
    return await use()
  } finally {
    guest.child.kill()
    await docker('rm', '--force', name)
  }
}

onEngine('it works there, small while it waits, and leaves nothing running', async () => {
  const one = await generic(128)
  await ending(one, async () => {
    const { guest, name } = one
    await guest.start(`
      import { execFileSync } from 'node:child_process'
      import { writeFileSync, readFileSync } from 'node:fs'
      export const handler = () => {
        writeFileSync('/tmp/own', 'mine')
        let denied = null
        try { writeFileSync('/etc/own', '') } catch (error) { denied = error.code }
        return [process.getuid(), execFileSync('cat', ['/tmp/own']).toString(), denied, process.cwd(),
          readFileSync('/proc/1/comm', 'utf8').trim(), /^CapEff:\\t0+$/m.test(readFileSync('/proc/self/status', 'utf8'))]
      }`)
    const [{ memoryMb, cpuMs }] = guest.usage as [(typeof guest.usage)[number]]
    assert.ok(memoryMb > 5 && memoryMb < 40, `it uses ${memoryMb} MB`)
    assert.ok(cpuMs > 10 && cpuMs < 10_000)
    assert.equal(await guest.json(), [65_534, 'mine', 'EROFS', '/tmp', 'sh', true])
    assert.is(await guest.stop(), 0)
    assert.is(await docker('inspect', '--format', '{{.State.Running}}', name), 'false')
  })
})

onEngine('orphans of child processes are collected', async () => {
  const one = await generic(128)
  await ending(one, async () => {
    await one.guest.start(`
      import { execFileSync } from 'node:child_process'
      import { readdirSync, readFileSync } from 'node:fs'
      export const handler = async () => {
        for (let i = 0; i < 5; i++) execFileSync('sh', ['-c', 'sleep 0.05 & exit 0'], { stdio: 'ignore' })
        await new Promise((resolve) => setTimeout(resolve, 500))
        return readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).map((pid) => {
          try { return readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1][0] } catch { return '' }
        }).filter((state) => state === 'Z').length
      }`)
    assert.is(await one.guest.json(), 0)
  })
})

onEngine('garbage is collected before the limit, of the heap and of buffers', async () => {
  const one = await generic(64)
  await ending(one, async () => {
    await one.guest.start(`
      exports.handler = async () => {
        let sum = 0
        for (let i = 0; i < 150; i++) {
          sum += Buffer.alloc(8 << 20, 1)[5] + new Array(500000).fill(i).length
          if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
        }
        return sum }`)
    assert.is(await one.guest.json(), 150 * 500_001)
  })
})

onEngine('buffers beyond the limit end it with 137, told by the engine as out of memory', async () => {
  const one = await generic(64)
  await ending(one, async () => {
    await one.guest.start(
      'exports.handler = () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1)) }',
    )
    one.guest.open()
    assert.is(await one.guest.exited, 137)
    assert.is(await docker('inspect', '--format', '{{.State.OOMKilled}}', one.name), 'true')
  })
})

onEngine('a generic one takes another limit, and the function can use it', async () => {
  const one = await generic(128, 256)
  await ending(one, async () => {
    await docker('update', '--memory', '256m', '--memory-swap', '256m', one.name)
    await one.guest.start(`
      exports.handler = () => { const all = []; for (let mb = 0; mb < 160; mb++) all.push(new Array(1 << 17).fill(mb)); return all.length }`)
    assert.is(await one.guest.json(), 160)
    assert.is(one.guest.hellos, 1)
  })
})

test.run()
