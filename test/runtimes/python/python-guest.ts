import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { pythonGuest } from '../../../runtimes/python/bundle.ts'
import { FrameReader, FrameWriter } from '../../../src/runtime/frames.ts'
import {
  type AnswerHead,
  type CallHead,
  type FailHead,
  type KilledHead,
  type LogHead,
  type Message,
  type Meta,
  TYPE,
  type UsageHead,
} from '../../../src/runtime/wire.ts'
import { until } from '../../support/runtime-harness.ts'
import type { Need } from '../../support/skip.ts'

export const META: Meta = {
  callbackId: 7,
  version: 3,
  runtime: 'docker',
  memoryMb: 128,
  timeoutMs: 5000,
  env: {},
}

/** How a call ended, with everything that came for it. */
export interface Reply {
  answer: AnswerHead | null
  fail: FailHead | null
  killed: KilledHead | null
  body: Buffer
  /** Reasons of RESETs. */
  resets: string[]
  /** DONE came. */
  done: boolean
}

/** A call under way. */
export interface OpenCall {
  readonly id: number
  /** What has come so far. */
  readonly reply: Reply
  readonly over: Promise<Reply>
  send(type: number, head?: string, data?: Uint8Array | string): void
}

export interface GuestOptions {
  readonly meta?: Partial<Meta>
  readonly cpuMs?: number
  readonly logLines?: number
  readonly concurrency?: number
  /** Bytes that come are acknowledged at once unless this is false. */
  readonly credit?: boolean
  /** Runs this instead of a local process: its arguments follow. */
  readonly inside?: readonly string[]
  readonly env?: Record<string, string>
}

const found = process.platform === 'linux' ? findPython() : null
const guest = await pythonGuest()

/** Whether a Python is here. */
export const PYTHON: Need = { name: 'python', missing: found === null ? 'python3 cannot be run here' : null }

/** The runner as a process, and a function in it. */
export class PythonGuest {
  readonly logs: LogHead[] = []
  readonly usage: UsageHead[] = []
  readonly child: ChildProcess
  readonly exited: Promise<number | null>
  hello: { language: string; version: string; pid: number } | null = null
  initMs = -1
  startFailed: FailHead | null = null
  stderr = ''
  readonly #options: GuestOptions
  readonly #writer = new FrameWriter()
  readonly #calls = new Map<number, { call: OpenCall; resolve: (reply: Reply) => void }>()
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'faas-python-'))
  readonly #credited = new Map<number, number>()
  #nextId = 2

  constructor(options: GuestOptions) {
    this.#options = options
    const [program, ...args] = options.inside ?? [found ?? 'python3']
    this.child = spawn(program!, [...args, ...guest.command.slice(options.inside === undefined ? 1 : 0)], {
      cwd: this.#folder,
      env: { PATH: process.env.PATH ?? '', HOME: this.#folder, ...options.env },
    })
    this.exited = new Promise((resolve) => {
      this.child.on('close', (code) => {
        rmSync(this.#folder, { recursive: true, force: true })
        resolve(code)
      })
    })
    this.child.stdin!.on('error', () => {})
    this.child.stdin!.write(guest.payload)
    const reader = new FrameReader((message) => this.#receive(message))
    this.child.stdout!.on('data', (chunk: Buffer) => reader.push(chunk))
    this.child.stderr!.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString()
    })
  }

  /** Sends START with this code and waits for what becomes of it. */
  async start(code: string | Uint8Array): Promise<this> {
    const { meta, cpuMs, logLines, concurrency } = this.#options
    const head = {
      meta: { ...META, ...meta },
      memoryMb: meta?.memoryMb ?? META.memoryMb,
      cpuMs: cpuMs ?? null,
      logLines: logLines ?? 500,
      concurrency: concurrency ?? 8,
    }
    this.send(TYPE.START, 0, JSON.stringify(head), code)
    await until(() => this.initMs >= 0 || this.startFailed !== null, 'the function was started', 15_000)
    return this
  }

  send(type: number, id: number, head = '', data: Uint8Array | string | null = null): void {
    this.#writer.write({ type, instance: 0, id, head, data })
    this.child.stdin!.write(this.#writer.take())
  }

  /** The id that the next call will have. */
  get nextId(): number {
    return this.#nextId
  }

  /** Opens a call; `data` is its whole body unless the head says otherwise. */
  open(head: Partial<CallHead> = {}, data: Uint8Array | string | null = null): OpenCall {
    const [call] = this.expect(1)
    this.send(TYPE.CALL, call!.id, JSON.stringify({ ...callHead(), ...head }), data)
    return call!
  }

  /** Calls whose frames are sent by hand. */
  expect(count: number): OpenCall[] {
    return Array.from({ length: count }, () => {
      const id = this.#nextId
      this.#nextId += 2
      const reply: Reply = {
        answer: null,
        fail: null,
        killed: null,
        body: Buffer.alloc(0),
        resets: [],
        done: false,
      }
      const { promise, resolve } = Promise.withResolvers<Reply>()
      const call: OpenCall = {
        id,
        reply,
        over: promise,
        send: (type, text = '', bytes) => this.send(type, id, text, bytes ?? null),
      }
      this.#calls.set(id, { call, resolve })
      return call
    })
  }

  /** Calls and waits for the end of everything. */
  call(head: Partial<CallHead> = {}, data: Uint8Array | string | null = null): Promise<Reply> {
    return this.open(head, data).over
  }

  /** What the handler answered, read as JSON. */
  async json<T>(head: Partial<CallHead> = {}, data: Uint8Array | string | null = null): Promise<T> {
    const reply = await this.call(head, data)
    if (reply.answer === null) throw new Error(`no answer: ${JSON.stringify(reply)}`)
    return JSON.parse(reply.body.toString()) as T
  }

  /** Bytes of a call's body that it has acknowledged. */
  credited(id: number): number {
    return this.#credited.get(id) ?? 0
  }

  /** Puts an empty file into its working directory. */
  place(name: string): void {
    writeFileSync(path.join(this.#folder, name), '')
  }

  /** Takes that file away. */
  take(name: string): void {
    rmSync(path.join(this.#folder, name))
  }

  /** MiB of its first process that are in memory and no file's. */
  resident(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8')
    return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) / 1024
  }

  /** Ends its input, as the gateway does. @returns its exit code */
  async stop(): Promise<number | null> {
    this.child.stdin!.end()
    return this.exited
  }

  #receive({ type, id, head, data }: Message): void {
    if (type === TYPE.HELLO) this.hello = JSON.parse(head)
    else if (type === TYPE.STARTED) this.initMs = JSON.parse(head).initMs
    else if (type === TYPE.START_FAILED) this.startFailed = JSON.parse(head)
    else if (type === TYPE.LOG) this.logs.push(...(JSON.parse(head) as LogHead[]))
    else if (type === TYPE.CREDIT) this.#credited.set(id, this.credited(id) + Number(head))
    else if (type === TYPE.USAGE) this.usage.push(JSON.parse(head))
    else this.#forCall(type, id, head, data as Uint8Array | null)
  }

  #forCall(type: number, id: number, head: string, data: Uint8Array | null): void {
    const entry = this.#calls.get(id)
    if (entry === undefined) throw new Error(`a message of type ${type} for the call ${id}, which is over`)
    const { call, resolve } = entry
    const { reply } = call
    let over = false
    if (type === TYPE.ANSWER) {
      reply.answer = JSON.parse(head)
      if (data !== null) reply.body = Buffer.from(data)
      over = reply.answer!.whole && reply.answer!.pending !== true
    } else if (type === TYPE.FAIL) {
      reply.fail = JSON.parse(head)
      over = true
    } else if (type === TYPE.KILLED) {
      reply.killed = JSON.parse(head)
      over = true
    } else if (type === TYPE.DATA) {
      reply.body = Buffer.concat([reply.body, data!])
      if (this.#options.credit !== false) call.send(TYPE.CREDIT, String(data!.length))
    } else if (type === TYPE.RESET) reply.resets.push(head)
    else if (type === TYPE.DONE) {
      reply.done = true
      over = true
    }
    if (over) {
      this.#calls.delete(id)
      resolve(reply)
    }
  }
}

/** Starts a function in a process of its own. */
export function startPython(code: string | Uint8Array, options: GuestOptions = {}): Promise<PythonGuest> {
  return new PythonGuest(options).start(code)
}

/** Starts a function, has it used, and ends it whatever came of that. */
export async function withPython(
  code: string | Uint8Array,
  use: (guest: PythonGuest) => Promise<void>,
  options: GuestOptions = {},
): Promise<void> {
  const one = await startPython(code, options)
  try {
    await use(one)
  } finally {
    await one.stop()
  }
}

/** The head of an ordinary call. */
export function callHead(): CallHead {
  return {
    method: 'POST',
    url: 'http://localhost/api/things/42?a=1',
    headers: [['host', 'localhost']],
    whole: true,
    requestId: 'request-1',
    path: 'things/:id',
    params: { id: '42' },
    ip: '192.0.2.7',
    deadline: Date.now() + 5000,
  }
}

/** Processes whose command line or environment has this text. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text)
      } catch {
        return false
      }
    })
    .map(Number)
}

/** A file of test/fixtures/functions/python. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/functions/python/${name}.py`, import.meta.url), 'utf8')
}

/** The program itself: what is called python3 may be a script that looks for it each time. */
function findPython(): string | null {
  const { status, stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : null
}
