import type { Method } from './callback.ts'
import { parameterNames } from './route.ts'

/** A value bound to a path (as `parseRoutePath` gave it) and a method. */
export interface Route<T> {
  readonly path: string
  readonly method: Method
  readonly value: T
}

/** A request's route, with what its parameters took; `*` is a parameter of that name. */
export interface Found<T> {
  readonly kind: 'found'
  readonly value: T
  readonly params: Readonly<Record<string, string>>
  readonly route: Route<T>
}

/** One route with what a hit needs, made once; `found` is the whole answer where there are no parameters. */
export interface Entry<T> {
  readonly names: readonly string[]
  readonly found: Found<T>
}

/** The routes of one path, by method. */
export type Entries<T> = Map<string, Entry<T>>

const NO_PARAMS = Object.freeze({})

/** Prepares a route for being found. */
export function createEntry<T>(route: Route<T>): Entry<T> {
  const found: Found<T> = { kind: 'found', value: route.value, params: NO_PARAMS, route }
  return { names: parameterNames(route.path), found: Object.freeze(found) }
}

/** A method of its own goes before ANY; HEAD is GET without the body where nothing says otherwise. */
export function pick<T>(entries: Entries<T> | null, method: string): Entry<T> | undefined {
  if (entries === null) return undefined
  return entries.get(method) ?? (method === 'HEAD' ? entries.get('GET') : undefined) ?? entries.get('ANY')
}

/** The answer for a route whose parameters took these values, in order. */
export function withParams<T>(entry: Entry<T>, taken: readonly string[]): Found<T> {
  const params: Record<string, string> = {}
  for (const [index, name] of entry.names.entries()) params[name] = taken[index]!
  return { ...entry.found, params }
}
