import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { setPriority } from 'node:os'
import { RuntimeUnavailable } from '../../failures.ts'
import { FrameReader, FrameWriter } from '../../frames.ts'
import { type Hello, type Message, TYPE } from '../../wire.ts'

/** What a host process is started with. */
export interface HostOptions {
  /** The Node executable. */
  readonly node: string
  /** The host's program and every folder it must read. */
  readonly program: string
  readonly readable: readonly string[]
  readonly prelude: { readonly code: Uint8Array; readonly snapshot: Uint8Array | null }
  readonly blanks: number
  readonly log: (message: string) => void
}

/** Signals that a process does not get for what it does: the operator's, or those of a machine without memory. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])
const FLUSH_AT = 262_144
/** Large buffers come from the system and go back to it, each by itself; glibc would keep them for the next time. */
const ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: '1048576' }
/** Unix niceness of a host: 0 is the gateway's own. */
const NICENESS = 5
const HELLO_WITHIN = 15_000
/** The addon's loader looks for this file to tell musl from glibc. */
const ALPINE_RELEASE = '/etc/alpine-release'

/** An instance as its host process sees it. */
export interface Inhabitant {
  receive(message: Message): void
  /** The host is about to be ended: whoever has no call in flight is gone at once. */
  leave(): void
  readonly memoryMb: number
  /** It has calls in flight. */
  readonly working: boolean
  /** It took more memory than it may. */
  overdrew(usedMb: number): void
}

/** The arguments that take every right from a host but reading its own files and loading the addon. */
export function hostArguments(
  program: string,
  readable: readonly string[],
  role: 'host' | 'snapshot',
): string[] {
  const reads = [...readable, ALPINE_RELEASE].map((path) => `--allow-fs-read=${path}`)
  return ['--permission', '--allow-addons', ...reads, '--no-warnings', '--no-node-snapshot', program, role]
}

/** One supervised process that holds isolates, at the other end of a socket pair. */
export class HostProcess {
  readonly pid: number
  /** Resolves at HELLO; rejects when the process ends before that. */
  readonly ready: Promise<Hello>
  /** Resolves with a sentence when the process is gone. */
  readonly exited: Promise<string>
  /** No new instances: it is about to be ended. */
  draining = false
  /** Those who wait until it takes instances. */
  awaited = 0
  /** HELLO has come: it takes instances at once. */
  greeted = false
  readonly #child: ChildProcess
  readonly #socket: Socket
  readonly #writer = new FrameWriter()
  readonly #listeners = new Map<number, Inhabitant>()
  #scheduled = false
  #stderr = ''
  #nextInstance = 1
  #atExit: number | null = null
  #outside = false

  constructor(options: HostOptions) {
    this.#child = spawn(options.node, hostArguments(options.program, options.readable, 'host'), {
      env: ENVIRONMENT,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    })
    this.pid = this.#child.pid ?? 0
    if (this.pid !== 0) yieldToGateway(this.pid)
    this.#socket = this.#child.stdio[3] as Socket
    this.#child.stderr?.on('data', (text: Uint8Array) => {
      this.#stderr = (this.#stderr + String(text)).slice(-2000)
    })
    this.exited = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve(`it could not be started: ${error.message}`))
      this.#child.on('exit', (code, signal) => {
        this.#atExit = this.#listeners.size
        this.#outside = signal !== null && FROM_OUTSIDE.has(signal)
        resolve(this.#obituary(code, signal))
      })
    })
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new RuntimeUnavailable('an isolate host did not answer', 'see the log')),
        HELLO_WITHIN,
      )
      const reader = new FrameReader((message) => {
        if (message.type === TYPE.HELLO) {
          clearTimeout(timer)
          this.greeted = true
          resolve(JSON.parse(message.head) as Hello)
        } else this.#listeners.get(message.instance)?.receive(message)
      })
      this.#socket.on('data', (chunk: Uint8Array) => {
        try {
          reader.push(chunk)
        } catch (error) {
          options.log(`isolate host ${this.pid} sent what is not the protocol: ${String(error)}`)
          this.kill()
        }
      })
      // The exit says why; a broken socket alone says nothing more.
      this.#socket.on('error', () => undefined)
      void this.exited.then((why) => {
        clearTimeout(timer)
        reject(
          new RuntimeUnavailable(
            `an isolate host ended: ${why}`,
            'run it with a Node that can load isolated-vm 7 (24 or 26)',
          ),
        )
      })
    })
    this.ready.catch(() => undefined)
    this.#greet(options)
  }

  /** Instances in it; once it is gone, those it took with it. */
  get population(): number {
    return this.#atExit ?? this.#listeners.size
  }

  /** It is gone, and by a signal that nothing in it could have sent. */
  get endedFromOutside(): boolean {
    return this.#outside
  }

  /** Claims an instance number; its messages go to `inhabitant` until `detach`. */
  attach(inhabitant: Inhabitant): number {
    const number = this.#nextInstance++
    this.#listeners.set(number, inhabitant)
    return number
  }

  /** The one instance in it, where there is just one. */
  get lone(): Inhabitant | null {
    if (this.#listeners.size !== 1) return null
    for (const only of this.#listeners.values()) return only
    return null
  }

  /** Asks everyone in it to go as soon as they have nothing to do. */
  vacate(): void {
    for (const inhabitant of [...this.#listeners.values()]) inhabitant.leave()
  }

  detach(number: number): void {
    this.#listeners.delete(number)
  }

  send(type: number, instance: number, id: number, head: string, data: Uint8Array | string | null): void {
    this.#writer.write({ type, instance, id, head, data })
    if (this.#writer.pending >= FLUSH_AT) this.#flush()
    else if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        this.#flush()
      })
    }
  }

  /** Ends it at once; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  #flush(): void {
    if (this.#writer.pending === 0 || this.#socket.destroyed) return
    this.#socket.cork()
    for (const part of this.#writer.takeParts()) this.#socket.write(part)
    this.#socket.uncork()
  }

  #greet(options: HostOptions): void {
    const { code, snapshot } = options.prelude
    const data = new Uint8Array(code.length + (snapshot?.length ?? 0))
    data.set(code)
    if (snapshot !== null) data.set(snapshot, code.length)
    this.send(TYPE.PRELUDE, 0, 0, JSON.stringify({ code: code.length, blanks: options.blanks }), data)
  }

  #obituary(code: number | null, signal: string | null): string {
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`
    const last = this.#stderr.trim().split('\n').slice(-3).join(' · ')
    return last === '' ? how : `${how}: ${last}`
  }
}

/** The gateway comes before what functions do: a busy one must not starve it, nor take its CPU when it is woken. */
function yieldToGateway(pid: number): void {
  try {
    setPriority(pid, NICENESS)
  } catch {
    // The process is gone already, or the platform has no priorities: it works without.
  }
}
