import type { Match } from '../../src/domain/matcher.ts'
import { routeKey } from '../../src/domain/route.ts'
import type { Route } from '../../src/domain/route-entries.ts'

const CONCRETE = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

/** The matcher as one would explain it: try every route, sort those that fit. Slow and plain on purpose. */
export function referenceMatch<T>(routes: readonly Route<T>[], rawPath: string, method: string): Match<T> {
  const segments = decode(rawPath)
  if (segments === null) return { kind: 'none' }
  const last = new Map(routes.map((route) => [`${route.method} ${routeKey(route.path)}`, route]))
  const fitting = [...last.values()].filter((route) => fits(route.path.split('/'), segments))
  const able = fitting
    .filter((route) => methodRank(route.method, method) < 3)
    .sort(
      (a, b) =>
        compare(specificity(a.path), specificity(b.path)) ||
        methodRank(a.method, method) - methodRank(b.method, method),
    )
  const best = able[0]
  if (best !== undefined) {
    return { kind: 'found', value: best.value, params: paramsOf(best.path.split('/'), segments), route: best }
  }
  if (fitting.length === 0) return { kind: 'none' }
  const methods = fitting.flatMap((route) => (route.method === 'ANY' ? CONCRETE : [route.method]))
  const implied = methods.includes('GET') ? ['HEAD', 'OPTIONS'] : ['OPTIONS']
  return { kind: 'wrong_method', allow: [...new Set([...methods, ...implied])].sort() }
}

function decode(rawPath: string): string[] | null {
  try {
    const segments = rawPath
      .replace(/(?<=.)\/$/, '')
      .split('/')
      .map(decodeURIComponent)
    return segments.some((segment) => ['', '.', '..'].includes(segment)) ? null : segments
  } catch {
    return null
  }
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.at(-1) === '*') {
    return (
      segments.length >= pattern.length && fits(pattern.slice(0, -1), segments.slice(0, pattern.length - 1))
    )
  }
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => part.startsWith(':') || part === segments[index]!.normalize('NFC'))
  )
}

function paramsOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pattern.flatMap((part, index) => {
      if (part === '*') return [['*', segments.slice(index).join('/')]]
      return part.startsWith(':') ? [[part.slice(1), segments[index]!]] : []
    }),
  )
}

/** One digit a segment: literal, parameter, rest. */
function specificity(path: string): string {
  return path
    .split('/')
    .map((part) => (part === '*' ? '2' : part.startsWith(':') ? '1' : '0'))
    .join('')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function methodRank(has: string, wanted: string): number {
  if (has === wanted) return 0
  if (has === 'GET' && wanted === 'HEAD') return 1
  return has === 'ANY' ? 2 : 3
}
