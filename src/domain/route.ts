const MAX_LENGTH = 1024
const MAX_SEGMENTS = 32
const PARAMETER = /^:[A-Za-z_][A-Za-z0-9_]*$/

/** A segment that takes any one segment of a request, as `:name`. */
export function isParameter(segment: string): boolean {
  return segment.startsWith(':')
}

/**
 * Reads a callback's path as an author writes it. Answers the one spelling under which it is stored, without
 * leading or trailing slash and in Unicode's NFC, or a sentence that says why it cannot be a path.
 */
export function parseRoutePath(text: string): { path: string } | { problem: string } {
  const path = text.normalize('NFC').replace(/^\//, '').replace(/\/$/, '')
  const problem = problemOf(path)
  return problem === null ? { path } : { problem: `path ${quote(text)} ${problem}` }
}

/** The path without the names of its parameters: two routes with one key take the very same requests. */
export function routeKey(path: string): string {
  return path
    .split('/')
    .map((segment) => (isParameter(segment) ? ':' : segment))
    .join('/')
}

/** The names of a path's parameters, in order; `*` counts as one. */
export function parameterNames(path: string): string[] {
  return path
    .split('/')
    .filter((segment) => isParameter(segment) || segment === '*')
    .map((segment) => (segment === '*' ? segment : segment.slice(1)))
}

function problemOf(path: string): string | null {
  if (path === '') return 'is empty: it must have at least one segment, such as hello'
  if (path.length > MAX_LENGTH) return `has ${path.length} characters: at most ${MAX_LENGTH} are allowed`
  if (/[\u0000-\u001f\u007f-\u009f]/.test(path)) return 'has a control character: remove it'
  if (!path.isWellFormed()) return 'has half of a surrogate pair: write whole characters'
  if (path.includes('\\')) return 'has a backslash: segments are separated by /'
  if (path.includes('?')) return 'has a ?: the query is not part of a path'
  if (path.includes('#')) return 'has a #: a fragment is never sent to a server'
  const encoded = /%[0-9a-f]{2}/i.exec(path)
  if (encoded !== null) return `has "${encoded[0]}": write the character itself, not its percent-encoding`
  const segments = path.split('/')
  if (segments.length > MAX_SEGMENTS) {
    return `has ${segments.length} segments: at most ${MAX_SEGMENTS} are allowed`
  }
  if (segments[0] === 'kube') return 'starts with kube, which is reserved: choose another first segment'
  for (const [index, segment] of segments.entries()) {
    const problem = segmentProblem(segment, index === segments.length - 1)
    if (problem !== null) return problem
  }
  const names = parameterNames(path)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  return twice === undefined ? null : `names the parameter :${twice} twice: give each its own name`
}

function segmentProblem(segment: string, last: boolean): string | null {
  if (segment === '') return 'has an empty segment: write one slash between two segments'
  if (segment === '.' || segment === '..') return `has the segment "${segment}": name the whole path`
  if (segment.includes('*') && segment !== '*')
    return `has a * inside the segment ${quote(segment)}: * stands alone`
  if (segment === '*' && !last) return 'has a * before its end: * must be the last segment'
  if (!isParameter(segment)) return null
  if (!PARAMETER.test(segment)) {
    return `has the parameter ${quote(segment)}: a name is letters, digits and _, and starts with no digit`
  }
  return segment === ':__proto__' ? 'has the parameter ":__proto__": that name is not allowed' : null
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? text.slice(0, 80) + '…' : text)
}
