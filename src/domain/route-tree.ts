import { isParameter } from './route.ts'
import { type Entries, type Found, pick, withParams } from './route-entries.ts'

/** The routes with parameters, as a tree of segments. What is empty is null: most nodes have one child. */
export interface RouteNode<T> {
  literals: Map<string, RouteNode<T>> | null
  param: RouteNode<T> | null
  /** What ends here. */
  here: Entries<T> | null
  /** What ends in a `*` behind here. */
  rest: Entries<T> | null
}

/** An empty tree. */
export function createNode<T>(): RouteNode<T> {
  return { literals: null, param: null, here: null, rest: null }
}

/** Literals are kept in NFC; a client may spell the same text decomposed. */
export function composed(segment: string): string {
  return /[^\u0000-\u007f]/.test(segment) ? segment.normalize('NFC') : segment
}

/** The entries of a path, with the nodes on the way made where they are missing. */
export function entriesOf<T>(root: RouteNode<T>, path: string): Entries<T> {
  let node = root
  for (const segment of path.split('/')) {
    if (segment === '*') {
      node.rest ??= new Map()
      return node.rest
    }
    node = childOf(node, segment)
  }
  node.here ??= new Map()
  return node.here
}

function childOf<T>(node: RouteNode<T>, segment: string): RouteNode<T> {
  if (isParameter(segment)) {
    node.param ??= createNode()
    return node.param
  }
  node.literals ??= new Map()
  const known = node.literals.get(segment)
  if (known !== undefined) return known
  const child = createNode<T>()
  node.literals.set(segment, child)
  return child
}

/** Deletes the route of `segments` from `at` on, and every node that it leaves empty. */
export function removeFrom<T>(
  node: RouteNode<T>,
  segments: readonly string[],
  at: number,
  method: string,
): boolean {
  const segment = segments[at]
  if (segment === undefined || segment === '*') {
    const key = segment === undefined ? 'here' : 'rest'
    if (!node[key]?.delete(method)) return false
    if (node[key].size === 0) node[key] = null
    return true
  }
  const next = isParameter(segment) ? node.param : node.literals?.get(segment)
  if (!next || !removeFrom(next, segments, at + 1, method)) return false
  if (next.literals === null && next.param === null && next.here === null && next.rest === null) {
    if (isParameter(segment)) node.param = null
    else if (node.literals?.delete(segment) && node.literals.size === 0) node.literals = null
  }
  return true
}

/**
 * The most specific route that has these segments and this method. Depth first; every node of the tree is
 * visited once at the most, so no request can blow it up.
 */
export function search<T>(
  node: RouteNode<T>,
  segments: readonly string[],
  at: number,
  method: string,
  taken: string[],
): Found<T> | undefined {
  const segment = segments[at]
  if (segment === undefined) {
    const entry = pick(node.here, method)
    return entry && withParams(entry, taken)
  }
  const next = node.literals?.get(composed(segment))
  const literal = next && search(next, segments, at + 1, method, taken)
  if (literal) return literal
  if (node.param !== null) {
    taken.push(segment)
    const found = search(node.param, segments, at + 1, method, taken)
    if (found) return found
    taken.pop()
  }
  const entry = pick(node.rest, method)
  return entry && withParams(entry, [...taken, segments.slice(at).join('/')])
}

/** Adds the methods of every route that has these segments. */
export function gatherMethods<T>(
  node: RouteNode<T>,
  segments: readonly string[],
  at: number,
  methods: Set<string>,
): void {
  const segment = segments[at]
  if (segment === undefined) {
    for (const method of node.here?.keys() ?? []) methods.add(method)
    return
  }
  const next = node.literals?.get(composed(segment))
  if (next !== undefined) gatherMethods(next, segments, at + 1, methods)
  if (node.param !== null) gatherMethods(node.param, segments, at + 1, methods)
  for (const method of node.rest?.keys() ?? []) methods.add(method)
}
