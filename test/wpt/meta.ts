/** What a test file says of itself in the `// META:` lines at its head. */
export interface Meta {
  /** The globals it is for, such as `window` and `dedicatedworker`. */
  readonly globals: readonly string[]
  /** Scripts that run before it, as they are written there. */
  readonly scripts: readonly string[]
  /** Queries that it runs with, one after the other; one empty query where it names none. */
  readonly variants: readonly string[]
  /** It may take a minute, not ten seconds. */
  readonly long: boolean
}

const LINE = /^\/\/\s*META:\s*(\w+)=(.*)$/
const DEFAULT_GLOBALS = ['window', 'dedicatedworker']

/** Reads the `// META:` lines, which stand before anything else in the file. */
export function readMeta(source: string): Meta {
  const found: [key: string, value: string][] = []
  for (const line of source.split(/\r?\n/)) {
    const match = LINE.exec(line)
    if (match === null) break
    found.push([match[1]!, match[2]!.trim()])
  }
  const all = (key: string) => found.filter(([name]) => name === key).map(([, value]) => value)
  const globals = all('global').flatMap((value) => value.split(',').map((name) => name.trim()))
  const variants = all('variant')
  return {
    globals: globals.length === 0 ? DEFAULT_GLOBALS : globals,
    scripts: all('script'),
    variants: variants.length === 0 ? [''] : variants,
    long: all('timeout').includes('long'),
  }
}
