import process from 'node:process'
import { Writable } from 'node:stream'
import type { CallFollower } from '../javascript/call-frames.ts'
import type { Level } from '../javascript/logs.ts'
import { Lines } from './lines.ts'

type Print = (level: Level, text: string) => void
type Method = (...args: unknown[]) => unknown

/** How serious what a method of `console` prints is. */
const LEVELS: Readonly<Record<string, Level>> = {
  log: 'info',
  info: 'info',
  dir: 'info',
  dirxml: 'info',
  table: 'info',
  group: 'info',
  groupCollapsed: 'info',
  count: 'info',
  timeEnd: 'info',
  timeLog: 'info',
  debug: 'debug',
  trace: 'debug',
  warn: 'warn',
  countReset: 'warn',
  error: 'error',
  assert: 'error',
}

/** What stands in for a standard stream: no end of it ends the next call's. */
class Standard extends Writable {
  declare readonly _undestroy: () => void
  readonly fd: number
  readonly #print: (chunk: Uint8Array | string, encoding: BufferEncoding) => void

  constructor(fd: number, print: (chunk: Uint8Array | string, encoding: BufferEncoding) => void) {
    super({ decodeStrings: false, emitClose: false })
    this.on('error', () => {})
    this.fd = fd
    this.#print = print
  }

  override _write(chunk: Uint8Array | string, encoding: BufferEncoding, done: () => void): void {
    this.#print(chunk, encoding)
    done()
  }

  /** As Node's own streams do it: what ended is at once as new. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    done(error)
    this._undestroy()
    process.nextTick(() => this.emit('close'))
  }
}

/**
 * Makes what is printed by way of `process.stdout`, `process.stderr` and Node's own `console` lines of the log: what
 * one method of `console` prints is one line, the rest is cut at its ends.
 */
export function takeOutput(print: Print, follower: CallFollower): { readonly lines: readonly Lines[] } {
  let level: Level | null = null
  const stream = (name: 'stdout' | 'stderr', fd: number, usual: Level): Lines => {
    const lines = new Lines((text) => print(usual, text), follower)
    const standard = new Standard(fd, (chunk, encoding) => {
      if (level === null || typeof chunk !== 'string') lines.take(chunk, encoding)
      else {
        lines.end(follower.current()?.id)
        print(level, chunk.endsWith('\n') ? chunk.slice(0, -1) : chunk)
      }
    })
    Object.defineProperty(process, name, { value: standard, configurable: true, enumerable: true })
    return lines
  }
  const methods = console as unknown as Record<string, Method>
  for (const [name, its] of Object.entries(LEVELS)) {
    const original = methods[name]!
    const method: Method = (...args) => {
      const outer = level
      // `table` prints by way of `log`, `assert` by way of `warn`: the one that was called counts.
      level ??= its
      try {
        return Reflect.apply(original, console, args)
      } finally {
        level = outer
      }
    }
    Object.defineProperty(method, 'name', { value: name, configurable: true })
    methods[name] = method
  }
  return { lines: [stream('stdout', 1, 'info'), stream('stderr', 2, 'error')] }
}
