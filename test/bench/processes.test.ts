import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Program, startProgram } from '../../bench/processes.ts'

const test = suite('processes of the bench')

function shell(script: string, more: Partial<Program> = {}): Program {
  const ready = /port=(\d+)/
  return { name: 'it', command: 'sh', args: ['-c', script], ready, readyWithin: 10_000, ...more }
}

async function failure(program: Program): Promise<string> {
  try {
    await startProgram(program)
  } catch (error) {
    return (error as Error).message
  }
  return 'it started'
}

test('a program is ready when it says so, and gone when its block ends', async () => {
  let pid = 0
  const began = performance.now()
  {
    await using program = await startProgram(shell('echo port=42; exec sleep 60'))
    pid = program.pid
    assert.is(program.match[1], '42')
    assert.ok(program.readyMs > 0)
    assert.ok(process.kill(pid, 0))
  }
  assert.throws(() => process.kill(pid, 0), /ESRCH/)
  assert.ok(performance.now() - began < 10_000, 'it was asked to end, not killed when it did not')
})

test('it may say so on descriptor 3, in pieces', async () => {
  const script = 'printf po >&3; printf rt=7 >&3; exec sleep 60'
  await using program = await startProgram(shell(script, { controlPipe: true, ready: /port=7/ }))
  assert.is(program.match[0], 'port=7')
})

test('one that ends before it is ready is reported with what it printed', async () => {
  assert.match(
    await failure(shell('echo no license >&2; exit 3')),
    /Cannot start it: ended with 3.*no license/,
  )
})

test('one that is never ready is ended', async () => {
  const message = await failure(shell('echo $$; exec sleep 60', { readyWithin: 300 }))
  assert.match(message, /not ready within 300 ms/)
  const pid = Number(/"(\d+)\\n"/.exec(message)?.[1])
  assert.ok(pid > 0)
  const deadline = Date.now() + 5000
  while (alive(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.not.ok(alive(pid))
})

test('one that does not exist is reported', async () => {
  assert.match(await failure({ ...shell(''), command: 'no-such-program' }), /Cannot start it: .*ENOENT/)
})

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test.run()
