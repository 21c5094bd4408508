import type { Run } from './options.ts'
import { showNumber } from './primitives.ts'
import { showElement } from './properties.ts'

function more(count: number, what = 'item'): string {
  return `... ${count} more ${what}${count > 1 ? 's' : ''}`
}

/** The elements of an array, with its holes. */
export function arrayEntries(value: readonly unknown[], run: Run, level: number): string[] {
  const entries: string[] = []
  let at = 0
  while (at < value.length && entries.length < run.maxItems) {
    if (Object.hasOwn(value, at)) {
      entries.push(showElement(value, at++, run, level))
      continue
    }
    const next = nextIndex(value, at)
    const empty = next - at
    entries.push(run.stylize(`<${empty} empty item${empty > 1 ? 's' : ''}>`, 'undefined'))
    at = next
  }
  if (at < value.length) entries.push(more(value.length - at))
  return entries
}

/** A hole may be wider than can be walked: then the keys tell where it ends. */
function nextIndex(value: readonly unknown[], from: number): number {
  const near = Math.min(value.length, from + 1000)
  for (let at = from + 1; at < near; at++) if (Object.hasOwn(value, at)) return at
  if (near === value.length) return near
  const key = Object.keys(value).find((name) => Number(name) >= near)
  return key === undefined || !/^\d+$/.test(key) ? value.length : Number(key)
}

export function typedArrayEntries(value: ArrayLike<number | bigint>, run: Run): string[] {
  const count = Math.min(value.length, run.maxItems)
  const entries = Array.from({ length: count }, (_, at) => {
    const item = value[at]!
    return typeof item === 'bigint'
      ? run.stylize(`${item}n`, 'bigint')
      : run.stylize(showNumber(item, run.options.numericSeparator), 'number')
  })
  if (count < value.length) entries.push(more(value.length - count))
  return entries
}

export function setEntries(value: ReadonlySet<unknown>, run: Run, level: number): string[] {
  return inside(run, () => some(value, value.size, run, (item) => run.show(item, level)))
}

export function mapEntries(value: ReadonlyMap<unknown, unknown>, run: Run, level: number): string[] {
  const one = ([key, item]: [unknown, unknown]) => `${run.show(key, level)} => ${run.show(item, level)}`
  return inside(run, () => some(value, value.size, run, one))
}

function some<T>(items: Iterable<T>, size: number, run: Run, one: (item: T) => string): string[] {
  const entries: string[] = []
  for (const item of items) {
    if (entries.length >= run.maxItems) {
      entries.push(more(size - entries.length))
      break
    }
    entries.push(one(item))
  }
  return entries
}

function inside<T>(run: Run, work: () => T): T {
  run.indentation += 2
  try {
    return work()
  } finally {
    run.indentation -= 2
  }
}

/** The bytes of a buffer in hexadecimal. */
export function bufferContents(value: ArrayBuffer, run: Run): string {
  const bytes = new Uint8Array(value, 0, Math.min(value.byteLength, run.maxItems))
  const shown = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const rest = value.byteLength - bytes.length
  return `${run.stylize('[Uint8Contents]', 'special')}: <${shown}${rest > 0 ? ` ${more(rest, 'byte')}` : ''}>`
}
