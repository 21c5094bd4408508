import process from 'node:process'
import type { LogLevel } from '../config.ts'

export type Level = Exclude<LogLevel, 'silent'>
export type LogFields = Readonly<Record<string, unknown>>

/** The gateway's own log. What functions print goes to the observer, never here. */
export interface Log {
  /** @param message a sentence, no period at its end */
  write(level: Level, message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export interface LogOptions {
  /** The least level that is written. */
  readonly level: LogLevel
  readonly format: 'json' | 'pretty'
  /** Texts that are never written, whatever holds them: tokens. Empty ones are ignored. */
  readonly secrets?: readonly (string | null)[]
  /** Takes one line without its end. @default standard error */
  readonly sink?: (line: string) => void
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number
}

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 }
const SECRET_NAME = /token|secret|password|passwd|authorization|cookie|credential|api_?key/i
const HIDDEN = '***'

/** Makes the log: one line an entry, as JSON or for eyes. */
export function createLog(options: LogOptions): Log {
  const { level, format, now = Date.now, sink = standardError() } = options
  const secrets = (options.secrets ?? []).filter((secret) => secret !== null && secret !== '')
  const least = ORDER[level]
  const write: Log['write'] = (entryLevel, message, fields = {}) => {
    if (ORDER[entryLevel] < least) return
    const time = new Date(now()).toISOString()
    const line =
      format === 'json'
        ? toJson({ time, level: entryLevel, message, ...fields })
        : pretty(time, entryLevel, message, fields)
    sink(secrets.reduce<string>((text, secret) => text.replaceAll(secret!, HIDDEN), line))
  }
  return {
    write,
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  }
}

function pretty(time: string, level: Level, message: string, fields: LogFields): string {
  const rest = Object.entries(fields).map(([name, value]) => {
    const plain = typeof value === 'string' && !SECRET_NAME.test(name)
    return ` ${name}=${plain ? value : toJson({ [name]: value }, name)}`
  })
  // A line break or an escape code in a value must not look like an entry of its own.
  return `${time.slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${message}${rest.join('')}`.replaceAll(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (char) => JSON.stringify(char).slice(1, -1),
  )
}

/** JSON of the object, or of one of its values, with secrets hidden; never throws. */
function toJson(fields: LogFields, only?: string): string {
  const ancestors: unknown[] = []
  function plain(this: unknown, name: string, value: unknown): unknown {
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop()
    if (value !== undefined && value !== null && SECRET_NAME.test(name)) return HIDDEN
    if (typeof value === 'bigint') return value.toString()
    if (value === null || typeof value !== 'object') return value
    if (ancestors.includes(value)) return '[circular]'
    const shown = value instanceof Error ? describe(value) : value
    ancestors.push(shown)
    return shown
  }
  try {
    const text = JSON.stringify(fields, plain)
    return only === undefined ? text : (JSON.stringify((JSON.parse(text) as LogFields)[only]) ?? 'undefined')
  } catch (error) {
    return JSON.stringify({ message: String(fields.message ?? ''), unwritable: String(error) })
  }
}

function describe(error: Error): LogFields {
  const { name, message, stack, cause } = error
  return { name, message, stack, ...(cause === undefined ? {} : { cause }) }
}

function standardError(): (line: string) => void {
  // A reader that went away (EPIPE) must not end the gateway.
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {})
  return (line) => void process.stderr.write(`${line}\n`)
}
