import { readdir, readFile, stat } from 'node:fs/promises'
import * as path from 'node:path'

/** A test file with what its first lines ask for. */
export interface TestFile {
  /** Relative to the project's folder. */
  readonly file: string
  readonly timeoutMs: number
  /** Runs alone, after the others. */
  readonly serial: boolean
  /** Nothing says that it is slow, serial, long or needs an engine: it belongs to the quick gate. */
  readonly fast: boolean
  /** It keeps an engine busy: one of these at a time. `beside`: it waits more than it works, and may run beside one. */
  readonly engine: 'alone' | 'beside' | null
  /** What it looks at lies outside of the gateway's process and is the same whatever runs that: Node does. */
  readonly nodeOnly: boolean
}

const DEFAULT_TIMEOUT_S = 60
const MARK = /^\/\/ @(timeout|serial|slow|engine|node)\b[ ]*(\S*)/gm
const MARKED_LINES = 10

/**
 * The test files that the filters name: a path of a file as it is, else a part of the path of a `*.test.ts`
 * below test/. No filter names them all.
 * @throws Error where a filter names nothing
 */
export async function findFiles(root: string, filters: readonly string[]): Promise<TestFile[]> {
  const all = await walk(root, 'test')
  const chosen = new Set<string>(filters.length === 0 ? all : [])
  for (const filter of filters) {
    const direct = path.relative(root, path.resolve(root, filter))
    const named = (await isFile(path.join(root, direct)))
      ? [direct]
      : all.filter((file) => file.includes(filter))
    if (named.length === 0) throw new Error(`Cannot run "${filter}": no file below test has that in its path`)
    for (const file of named) chosen.add(file)
  }
  return Promise.all(
    [...chosen].sort().map(async (file) => readMarks(file, await readFile(path.join(root, file), 'utf8'))),
  )
}

/** Reads the marks in the first lines of a file: `// @timeout SECONDS`, `// @serial`, `// @slow`, `// @engine`, `// @node`. */
export function readMarks(file: string, source: string): TestFile {
  const head = source.split('\n', MARKED_LINES).join('\n')
  const marks = new Map([...head.matchAll(MARK)].map((match) => [match[1], match[2]!]))
  const timeout = marks.get('timeout')
  if (timeout !== undefined && !/^[1-9]\d{0,3}$/.test(timeout)) {
    throw new Error(`Cannot read @timeout of ${file}: it must be whole seconds, it is "${timeout}"`)
  }
  return {
    file,
    timeoutMs: Number(timeout ?? DEFAULT_TIMEOUT_S) * 1000,
    serial: marks.has('serial'),
    fast: !['timeout', 'serial', 'slow', 'engine'].some((mark) => marks.has(mark)),
    engine: marks.has('engine') ? (marks.get('engine') === 'beside' ? 'beside' : 'alone') : null,
    nodeOnly: marks.has('node'),
  }
}

async function walk(root: string, folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(path.join(root, folder), { withFileTypes: true })) {
    const at = `${folder}/${entry.name}`
    if (entry.isDirectory() && entry.name !== 'fixtures') found.push(...(await walk(root, at)))
    else if (entry.isFile() && entry.name.endsWith('.test.ts')) found.push(at)
  }
  return found
}

async function isFile(at: string): Promise<boolean> {
  const stats = await stat(at).catch(() => null)
  return stats?.isFile() ?? false
}
