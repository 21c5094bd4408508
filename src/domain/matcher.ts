import { METHODS, type Method } from './callback.ts'
import { createEntry, type Entries, type Found, pick, type Route } from './route-entries.ts'
import { composed, createNode, entriesOf, gatherMethods, removeFrom, search } from './route-tree.ts'

/** What a request's path and method lead to. `allow` lists concrete methods in alphabetical order. */
export type Match<T> =
  | Found<T>
  | { readonly kind: 'wrong_method'; readonly allow: string[] }
  | { readonly kind: 'none' }

/**
 * The table of routes in memory. A request takes the most specific route that has its method: literal
 * segments go before `:param` before `*`, from left to right; on one path a method of its own goes before
 * ANY, and HEAD is answered by GET where there is no HEAD.
 */
export interface Matcher<T> {
  /** @param rawPath the path behind /api/, percent-encoded exactly as received */
  match(rawPath: string, method: string): Match<T>
  /** Puts one route in; one that takes the same requests is replaced. */
  add(route: Route<T>): void
  /** Takes one route out. @returns whether it was there */
  remove(path: string, method: Method): boolean
  readonly size: number
}

const NONE = Object.freeze({ kind: 'none' } as const)

/** Makes a table of routes. Literal routes are answered by one look-up, without decoding or allocation. */
export function createMatcher<T>(routes: Iterable<Route<T>> = []): Matcher<T> {
  const literals = new Map<string, Entries<T>>()
  const root = createNode<T>()
  let size = 0

  const add = (route: Route<T>): void => {
    const entries = isLiteral(route.path) ? literalEntries(literals, route.path) : entriesOf(root, route.path)
    if (!entries.has(route.method)) size++
    entries.set(route.method, createEntry(route))
  }
  const remove = (path: string, method: Method): boolean => {
    const entries = literals.get(path)
    const removed = entries?.delete(method) ?? removeFrom(root, path.split('/'), 0, method)
    if (entries?.size === 0) literals.delete(path)
    if (removed) size--
    return removed
  }
  const match = (rawPath: string, method: string): Match<T> => {
    const exact = literals.get(rawPath)
    const direct = exact && pick(exact, method)
    if (direct !== undefined) return direct.found
    const segments = readSegments(rawPath)
    if (segments === null) return NONE
    const literal = literals.get(literalKey(segments)) ?? null
    const found = pick(literal, method)?.found ?? search(root, segments, 0, method, [])
    if (found) return found
    const methods = new Set<string>(literal?.keys())
    gatherMethods(root, segments, 0, methods)
    return methods.size === 0 ? NONE : { kind: 'wrong_method', allow: allowed(methods) }
  }

  for (const route of routes) add(route)
  return {
    match,
    add,
    remove,
    get size() {
      return size
    },
  }
}

/** A path with a lone `%` is kept in the tree: as it stands it would answer a request that is malformed. */
function isLiteral(path: string): boolean {
  return !/(^|\/)[:*]|%/.test(path)
}

function literalEntries<T>(literals: Map<string, Entries<T>>, path: string): Entries<T> {
  const known = literals.get(path)
  if (known !== undefined) return known
  const entries: Entries<T> = new Map()
  literals.set(path, entries)
  return entries
}

/** A decoded segment may hold a slash; joined it would look like two segments. */
function literalKey(segments: readonly string[]): string {
  return segments.some((segment) => segment.includes('/')) ? '' : segments.map(composed).join('/')
}

/** The request's segments, each decoded once after the cut at slashes; null where no route can match. */
function readSegments(rawPath: string): string[] | null {
  const segments = rawPath.split('/')
  if (segments.length > 1 && segments.at(-1) === '') segments.pop()
  if (rawPath.includes('%')) {
    try {
      for (const [index, segment] of segments.entries()) segments[index] = decodeURIComponent(segment)
    } catch {
      return null
    }
  }
  // The address that the function sees has its dot segments resolved: a match on one would tell the function
  // two different paths.
  return segments.some((segment) => segment === '' || segment === '.' || segment === '..') ? null : segments
}

function allowed(methods: Set<string>): string[] {
  if (methods.has('ANY')) return METHODS.filter((method) => method !== 'ANY').toSorted()
  if (methods.has('GET')) methods.add('HEAD')
  return [...methods.add('OPTIONS')].toSorted()
}
