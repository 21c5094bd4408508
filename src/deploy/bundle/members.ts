import { pathToFileURL } from 'node:url'
import type { Metafile } from 'esbuild'
import type { Position } from '../../source-map/map-stack.ts'
import { originalPosition } from '../../source-map/map-stack.ts'
import { AUTHOR_FILE } from './author-file.ts'
import { builtinFile, OFFERED_BUILTINS } from './builtins.ts'

/** A use, in the author's code, of a member of a built-in that its stand-in does not have. */
export interface MissingMember extends Position {
  readonly module: string
  readonly member: string
}

/**
 * Finds `crypto.createSign` and its like, where `crypto` is a whole module: esbuild itself tells of names that are
 * imported, not of members. It looks at the bundle, where neither comments nor other spellings are left.
 */
export async function missingMember(
  main: string,
  map: string,
  metafile: Metafile,
): Promise<MissingMember | null> {
  for (const module of bundledBuiltins(metafile)) {
    const missing = await missingMembers(module)
    for (const { member, index } of uses(module, main)) {
      if (!missing.has(member)) continue
      const place = originalPosition(map, placeAt(main, index))
      if (place?.file === AUTHOR_FILE) return { ...place, module, member }
    }
  }
  return null
}

function bundledBuiltins(metafile: Metafile): string[] {
  const inputs = Object.keys(metafile.inputs)
  return OFFERED_BUILTINS.filter((name) => {
    const file = builtinFile(name)!.replaceAll('\\', '/')
    return inputs.some((input) => file.endsWith(input.replace(/^(?:\.\.\/)*/, '/')))
  })
}

/** Every way in which esbuild writes a member of a whole module. */
function* uses(module: string, main: string): Generator<{ member: string; index: number }> {
  const required = `require_${identifier(module.split('/').at(-1)!)}\\d*\\(\\)`
  const file = builtinFile(module)!
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.\w+$/, '')
  const holders = [...main.matchAll(new RegExp(`(?<![\\w$])([\\w$]+)=${required}`, 'g'))].map(
    (match) => match[1]!,
  )
  const names = [
    `${identifier(file)}_default\\d*`,
    required,
    ...holders.map((name) => name.replaceAll('$', '\\$')),
  ]
  for (const match of main.matchAll(new RegExp(`(?<![\\w$.])(?:${names.join('|')})\\.([\\w$]+)`, 'g'))) {
    yield { member: match[1]!, index: match.index + match[0].length - match[1]!.length }
  }
  for (const match of main.matchAll(new RegExp(`\\{([^{}]*)\\}=${required}`, 'g'))) {
    for (const part of match[1]!.matchAll(/(?<=^|,)[\w$]+/g)) {
      yield { member: part[0], index: match.index + 1 + part.index }
    }
  }
}

function identifier(name: string): string {
  return name.replaceAll(/[^\w$]/g, '_')
}

const known = new Map<string, Promise<ReadonlySet<string>>>()

/** What the module has in Node, and its stand-in has not or only as something that throws. */
function missingMembers(module: string): Promise<ReadonlySet<string>> {
  const found = known.get(module) ?? compare(module)
  known.set(module, found)
  return found
}

/** Node warns when these are loaded, and nothing is missing of them. */
const DEPRECATED = ['punycode', 'sys']

async function compare(module: string): Promise<ReadonlySet<string>> {
  if (DEPRECATED.includes(module)) return new Set()
  const [real, standIn] = (await Promise.all([
    import(`node:${module}`),
    import(pathToFileURL(builtinFile(module)!).href),
  ])) as [{ default: object }, { default: Record<string, { __unenv__?: boolean } | undefined> }]
  const missing = Object.keys(real.default).filter(
    (key) => !(key in standIn.default) || standIn.default[key]?.__unenv__ === true,
  )
  return new Set(missing)
}

function placeAt(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}
