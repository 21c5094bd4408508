import { format } from './format.ts'
import { type InspectOptions, inspect } from './inspect.ts'
import type { Level } from './logs.ts'
import { table } from './table.ts'

type Print = (level: Level, text: string) => void
type Method = (...args: unknown[]) => void

const clock = () => globalThis.performance?.now() ?? Date.now()

/** The methods of `console`, printing through `print`. */
export function createConsole(print: Print): Record<string, Method> {
  const counts = new Map<string, number>()
  const timers = new Map<string, number>()
  let indent = ''

  const line = (level: Level, text: string) =>
    print(level, indent === '' ? text : indent + text.replaceAll('\n', `\n${indent}`))
  const printer =
    (level: Level): Method =>
    (...args) =>
      line(level, format(args))
  const group: Method = (...label) => {
    if (label.length > 0) line('info', format(label))
    if (indent.length < 64) indent += '  '
  }
  const elapsed = (label: string, rest: unknown[]): boolean => {
    const start = timers.get(label)
    if (start === undefined) {
      line('warn', `No timer "${label}" was started`)
      return false
    }
    const tail = rest.length === 0 ? '' : ` ${format(rest)}`
    line('info', `${label}: ${duration(clock() - start)}${tail}`)
    return true
  }
  const bound = (map: Map<string, number>) => {
    // Labels come from the author's data; an endless supply of them must not pile up.
    if (map.size > 10_000) map.clear()
  }

  return {
    debug: printer('debug'),
    error: printer('error'),
    info: printer('info'),
    log: printer('info'),
    warn: printer('warn'),
    assert: (condition, ...args) => {
      if (condition) return
      if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`
      else args.unshift('Assertion failed')
      line('error', format(args))
    },
    clear: () => {},
    count: (label = 'default') => {
      bound(counts)
      const name = String(label)
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      line('info', `${name}: ${count}`)
    },
    countReset: (label = 'default') => {
      if (!counts.delete(String(label))) line('warn', `No count "${String(label)}" was started`)
    },
    dir: (value, options) => line('info', inspect(value, (options ?? {}) as InspectOptions)),
    dirxml: printer('info'),
    group,
    groupCollapsed: group,
    groupEnd: () => {
      indent = indent.slice(2)
    },
    table: (data, columns) => line('info', table(data, columns)),
    time: (label = 'default') => {
      bound(timers)
      const name = String(label)
      if (timers.has(name)) line('warn', `The timer "${name}" was started before`)
      else timers.set(name, clock())
    },
    timeLog: (label = 'default', ...rest) => {
      elapsed(String(label), rest)
    },
    timeEnd: (label = 'default') => {
      if (elapsed(String(label), [])) timers.delete(String(label))
    },
    trace: (...args) => {
      const { stack = '' } = new Error()
      const frames = stack.split('\n').slice(2).join('\n')
      line(
        'debug',
        `Trace${args.length === 0 ? '' : `: ${format(args)}`}${frames === '' ? '' : `\n${frames}`}`,
      )
    },
  }
}

function duration(ms: number): string {
  return ms < 1000 ? `${Number(ms.toFixed(3))}ms` : `${(ms / 1000).toFixed(3)}s`
}
