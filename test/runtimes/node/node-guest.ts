import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeGuest } from '../../../runtimes/node/bundle.ts'
import { createBundler } from '../../../src/deploy/bundle/bundler.ts'
import { FrameReader, FrameWriter } from '../../../src/runtime/frames.ts'
import {
  type AnswerHead,
  type CallHead,
  type FailHead,
  type LogHead,
  type Message,
  type StartHead,
  TYPE,
  type UsageHead,
} from '../../../src/runtime/wire.ts'
import { deploymentOf } from '../../deploy/bundle/support.ts'
import { until } from '../../support/runtime-harness.ts'

export interface GuestOptions {
  readonly memoryMb?: number
  readonly cpuMs?: number
  readonly concurrency?: number
  readonly logLines?: number
  readonly env?: Record<string, string>
  /** Bytes that come are acknowledged at once unless this is false. */
  readonly credit?: boolean
  /** Made beforehand, with a `node_modules` for the function: see `library`. */
  readonly folder?: string
  /** The names that the function's `library` declares. */
  readonly library?: readonly string[]
  /** Runs the guest's command by way of this program, such as docker; its arguments follow. */
  readonly inside?: readonly string[]
}

/** How a call ended, with everything that came for it. */
export interface Reply {
  answer: AnswerHead | null
  fail: FailHead | null
  body: Buffer
  resets: string[]
  ended: boolean
  done: boolean
}

/** A call under way. */
export interface OpenCall {
  readonly id: number
  readonly reply: Reply
  readonly over: Promise<Reply>
  send(type: number, head?: string, data?: Uint8Array | string): void
}

const guest = await nodeGuest()
const bundler = createBundler()
/** The Node that the project runs on, also where these tests run on another host. */
const NODE_FOLDER = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url))

/** Bundles a callback the way the docker driver has it done. */
async function bundled(code: string, library: readonly string[]): Promise<Uint8Array> {
  const dependencies = Object.fromEntries(library.map((name) => [name, '1.0.0']))
  const deployment = {
    ...deploymentOf(code),
    library: library.length === 0 ? null : JSON.stringify({ dependencies }),
  }
  const target = { runtime: 'docker', polyfillNode: false, externalPackages: true } as const
  const extras = { libraryDir: null, lock: null, signal: AbortSignal.timeout(20_000), log: () => {} }
  const { files } = await bundler.bundle(deployment, target, extras)
  await bundler[Symbol.asyncDispose]()
  return files['main.js']!
}

/** The runner as a process, started as in a container, and a function in it. */
export class NodeGuest implements AsyncDisposable {
  readonly logs: LogHead[] = []
  readonly usage: UsageHead[] = []
  readonly child: ChildProcess
  /** The exit code; never a signal: the shell of the guest's command turns that into a code. */
  readonly exited: Promise<number | null>
  hello: { language: string; version: string; pid: number } | null = null
  hellos = 0
  initMs = -1
  startFailed: FailHead | null = null
  stderr = ''
  /** Bytes of the answers' bodies that came in DATA. */
  received = 0
  readonly folder: string
  readonly #options: GuestOptions
  readonly #writer = new FrameWriter()
  readonly #calls = new Map<number, { call: OpenCall; resolve: (reply: Reply) => void }>()
  #nextId = 2

  constructor(options: GuestOptions = {}) {
    this.#options = options
    this.folder = options.folder ?? mkdtempSync(path.join(tmpdir(), 'node-guest-'))
    const [program, ...args] = [...(options.inside ?? []), ...guest.command] as [string, ...string[]]
    this.child = spawn(program, args, {
      cwd: this.folder,
      env: { PATH: `${NODE_FOLDER}:${process.env.PATH ?? ''}`, HOME: this.folder, TMPDIR: this.folder },
    })
    this.exited = new Promise((resolve) => {
      this.child.on('close', (code) => {
        for (const { call, resolve } of this.#calls.values()) resolve(call.reply)
        rmSync(this.folder, { recursive: true, force: true })
        resolve(code)
      })
    })
    this.child.stdin!.on('error', () => {})
    this.child.stdin!.write(guest.payload)
    const reader = new FrameReader((message) => this.#receive(message))
    this.child.stdout!.on('data', (chunk: Buffer) => reader.push(chunk))
    this.child.stderr!.on('data', (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString('latin1')).slice(-2_000_000)
    })
  }

  /** Sends START with this code and waits for what becomes of it. */
  async start(code: string): Promise<this> {
    const { memoryMb = 128, cpuMs = null, logLines = 500, concurrency = 64, env = {} } = this.#options
    const meta = { callbackId: 7, version: 3, runtime: 'docker', memoryMb, timeoutMs: 5000, env }
    const head: StartHead = { meta, memoryMb, cpuMs, logLines, concurrency }
    this.send(TYPE.START, 0, JSON.stringify(head), await bundled(code, this.#options.library ?? []))
    let gone = false
    void this.exited.then(() => {
      gone = true
    })
    await until(
      () => this.initMs >= 0 || this.startFailed !== null || gone,
      'the function was started',
      15_000,
    )
    return this
  }

  send(type: number, id: number, head = '', data: Uint8Array | string | null = null): void {
    this.#writer.write({ type, instance: 0, id, head, data })
    this.child.stdin!.write(this.#writer.take())
  }

  /** Opens a call; `data` is its whole body unless the head says otherwise. */
  open(head: Partial<CallHead> = {}, data: Uint8Array | string | null = null): OpenCall {
    const id = this.#nextId
    this.#nextId += 2
    const reply: Reply = {
      answer: null,
      fail: null,
      body: Buffer.alloc(0),
      resets: [],
      ended: false,
      done: false,
    }
    const { promise, resolve } = Promise.withResolvers<Reply>()
    const send: OpenCall['send'] = (type, text = '', bytes) => this.send(type, id, text, bytes ?? null)
    const call: OpenCall = { id, reply, over: promise, send }
    this.#calls.set(id, { call, resolve })
    this.send(TYPE.CALL, id, JSON.stringify({ ...callHead(), requestId: `r${id}`, ...head }), data)
    return call
  }

  /** Calls and waits for the end of everything. */
  call(head: Partial<CallHead> = {}, data: Uint8Array | string | null = null): Promise<Reply> {
    return this.open(head, data).over
  }

  /** What the handler answered, read as JSON. */
  async json<T>(head: Partial<CallHead> = {}, data: Uint8Array | string | null = null): Promise<T> {
    const reply = await this.call(head, data)
    if (reply.answer === null) throw new Error(`no answer: ${JSON.stringify(reply)} ${this.stderr}`)
    return JSON.parse(reply.body.toString()) as T
  }

  /** Lines of one request, or of nobody. */
  lines(requestId: string | null): string[] {
    return this.logs.filter((line) => line.r === requestId).map((line) => line.m)
  }

  /** Ends its input, as the gateway does. @returns its exit code */
  async stop(): Promise<number | null> {
    this.child.stdin!.end()
    return this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #receive({ type, id, head, data }: Message): void {
    if (type === TYPE.HELLO) {
      this.hello = JSON.parse(head)
      this.hellos++
    } else if (type === TYPE.STARTED) this.initMs = JSON.parse(head).initMs
    else if (type === TYPE.START_FAILED) this.startFailed = JSON.parse(head)
    else if (type === TYPE.LOG) this.logs.push(...(JSON.parse(head) as LogHead[]))
    else if (type === TYPE.USAGE) this.usage.push(JSON.parse(head))
    else this.#forCall(type, id, head, data as Uint8Array | null)
  }

  #forCall(type: number, id: number, head: string, data: Uint8Array | null): void {
    const entry = this.#calls.get(id)
    if (entry === undefined) throw new Error(`a message of type ${type} for the call ${id}, which is over`)
    const { call, resolve } = entry
    const { reply } = call
    if (type === TYPE.ANSWER) {
      reply.answer = JSON.parse(head)
      if (data !== null) reply.body = Buffer.from(data)
    } else if (type === TYPE.FAIL) reply.fail = JSON.parse(head)
    else if (type === TYPE.DATA) {
      reply.body = Buffer.concat([reply.body, data!])
      this.received += data!.length
      if (this.#options.credit !== false) call.send(TYPE.CREDIT, String(data!.length))
    } else if (type === TYPE.RESET) reply.resets.push(head)
    else if (type === TYPE.END) reply.ended = true
    else if (type === TYPE.DONE) reply.done = true
    const { answer, fail } = reply
    const last = answer?.whole ? answer : fail
    if (!reply.done && (last === null || last.pending === true)) return
    this.#calls.delete(id)
    resolve(reply)
  }
}

/** Starts a function in a process of its own. */
export function startNode(code: string, options: GuestOptions = {}): Promise<NodeGuest> {
  return new NodeGuest(options).start(code)
}

/** The head of an ordinary call. */
function callHead(): CallHead {
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

/** Whether a process of this machine is there. */
export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`)
}
