import { rmSync } from 'node:fs'
import process from 'node:process'
import { inspect } from 'node:util'
import { type Message, type StartHead, TYPE } from '../../src/runtime/wire.ts'
import { createGuest, loadFailure } from '../javascript/guest.ts'
import type { Level } from '../javascript/logs.ts'
import { again, savedStart } from './again.ts'
import { AuthorModule } from './author-module.ts'
import { followCalls } from './calls.ts'
import { Channel } from './channel.ts'
import { CpuLimit } from './cpu-limit.ts'
import { GlobalEvents } from './global-events.ts'
import { takeOutput } from './output.ts'
import { nodePlatform } from './platform.ts'
import { UsageReports } from './usage-reports.ts'

const [, , heapMb, folder] = process.argv as [string, string, string, string]
const exit = process.exit.bind(process)
const { parse, stringify } = JSON
const now = performance.now.bind(performance)

const follower = followCalls()
const globalEvents = new GlobalEvents()
let author: AuthorModule | null = null
let cpuLimit: CpuLimit | null = null
let exiting = false
/** Set while the author's module loads: what nobody catches then is why it could not. */
let failStart: ((error: unknown) => void) | null = null

const channel = new Channel(receive, gone)
const usage = new UsageReports((head) => channel.send(TYPE.USAGE, 0, head, null))

const guest = createGuest(
  { runtime: 'docker', send: ({ type, id, head, data }) => send(type, id, head, data), flush: channel.flush },
  nodePlatform(),
  globalEvents,
  follower,
)
const output = takeOutput(print, follower)

function print(level: Level, text: string): void {
  guest.log(level, text)
  if (exiting) guest.flush()
}

function send(type: number, id: number, head: string, data: Uint8Array | string | null): void {
  if (type === TYPE.LOG || type === TYPE.FAIL) channel.send(type, id, author?.named(head) ?? head, data)
  else {
    if (type === TYPE.ANSWER || type === TYPE.END || type === TYPE.DONE) endLines(id)
    channel.send(type, id, head, data)
  }
  if (cpuLimit !== null && (type === TYPE.ANSWER || type === TYPE.FAIL || type === TYPE.DONE))
    queueMicrotask(() => cpuLimit?.update(guest.calls))
}

/** What a call has begun to print belongs before its answer. */
function endLines(id: number): void {
  for (const lines of output.lines) lines.end(id)
  guest.flush()
}

function receive(message: Message): void {
  const { type, id, head } = message
  // A copy: what the function is given must not show the messages beside it. (A Buffer's slice() is none.)
  const data = message.data === null ? null : new Uint8Array(message.data as Uint8Array)
  if (type === TYPE.START) {
    const start = parse(head) as StartHead
    if (start.memoryMb === Number(heapMb)) void become(start, data ?? new Uint8Array(0))
    else again(folder, start.memoryMb, message)
    return
  }
  // Before the function runs: it may not come to an end.
  if (type === TYPE.CALL) cpuLimit?.update(guest.calls + 1)
  guest.receive(type, id, head, data)
  if (type === TYPE.CALL) usage.active()
}

/** From here on this process is the function's. */
async function become(start: StartHead, code: Uint8Array): Promise<void> {
  const began = now()
  const { meta, logLines, cpuMs } = start
  guest.limitLog(logLines)
  if (cpuMs !== null) cpuLimit = new CpuLimit(cpuMs)
  rmSync(__filename)
  author = new AuthorModule(folder, code)
  globalEvents.offer(Buffer.from(code).toString())
  process.argv = [process.execPath, author.file]
  process.execArgv = []
  delete process.env.MALLOC_MMAP_THRESHOLD_
  process.env.NODE_ENV = 'production'
  Object.assign(process.env, meta.env)
  try {
    const broken = new Promise<never>((_, reject) => {
      failStart = reject
    })
    guest.load(meta, await Promise.race([author.load(), broken]))
    guest.flush()
    channel.send(TYPE.STARTED, 0, stringify({ initMs: now() - began }), null)
    usage.now()
  } catch (error) {
    guest.flush()
    channel.send(TYPE.START_FAILED, 0, author.named(loadFailure(error)), null)
  } finally {
    failStart = null
  }
}

/** Nothing is left to work for. */
function gone(): void {
  process.removeAllListeners('exit')
  exit(0)
}

process.on('uncaughtException', (error) => {
  if (process.listenerCount('uncaughtException') > 1) return
  if (failStart !== null) failStart(error)
  else {
    guest.log('error', `Uncaught ${inspect(error)}`)
    guest.uncaught(error)
  }
})
process.on('unhandledRejection', (reason, promise) => {
  if (process.listenerCount('unhandledRejection') > 1 || globalEvents.rejected(reason, promise)) return
  guest.log('error', `Uncaught (in promise) ${inspect(reason)}`)
})
process.removeAllListeners('warning')
process.on('warning', ({ name, message }) => guest.log('warn', `${name}: ${message}`))
process.on('exit', () => {
  exiting = true
  for (const lines of output.lines) lines.endAll()
  guest.flush()
  channel.finish()
})

const saved = savedStart(folder)
if (saved !== null) receive(saved)
else
  channel.send(
    TYPE.HELLO,
    0,
    stringify({ language: 'node', version: process.versions.node, pid: process.pid }),
    null,
  )
