import { readdirSync, readFileSync } from 'node:fs'
import * as path from 'node:path'
import { type Token, tokenize } from './tokens.ts'

/** A file of the project; `path` is relative to its folder, with slashes. */
export interface Source {
  readonly path: string
  readonly text: string
}

/** A source with what it imports, as written and as a path of the project where it is one. */
export interface Module extends Source {
  readonly tokens: readonly Token[]
  readonly imports: readonly Import[]
}

export interface Import {
  readonly specifier: string
  /** Path of the project; null for packages and built-ins. */
  readonly target: string | null
  /** Name of the npm package; null for files and built-ins. */
  readonly package: string | null
  /** Types alone: nothing is loaded for it. */
  readonly typeOnly: boolean
}

/** Each rule answers a sentence per violation. */
export type Rule = (modules: readonly Module[]) => string[]

const TYPE_ONLY = /\b(import|export)\s+type\b(?![\s\S]*\b(import|export)\b)[\s\S]*\bfrom\s*$/
const SKIPPED = /(^|\/)(node_modules|\.git|data|\.cache|results)$|^test\/fixtures\/functions$/
const BINARY = /\.(png|ico|wasm|tgz|gz|zip|db|bin|snap)$/

/** Every text file of the project that is, or could be, tracked. */
export function readProject(root: string, folder = ''): Source[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const at = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (SKIPPED.test(at) || BINARY.test(at)) return []
    if (entry.isDirectory()) return readProject(root, at)
    return entry.isFile() ? [{ path: at, text: readFileSync(path.join(root, at), 'utf8') }] : []
  })
}

/** The JavaScript and TypeScript among the files, with their imports. */
export function readModules(sources: readonly Source[]): Module[] {
  return sources
    .filter((source) => /\.(ts|mts|js|mjs)$/.test(source.path))
    .map((source) => {
      const tokens = tokenize(source.text)
      return { ...source, tokens, imports: importsOf(source.path, tokens) }
    })
}

/** A module in memory, to prove that a rule can fail. */
export function fake(at: string, text: string): Module {
  return readModules([{ path: at, text }])[0]!
}

/** Whether a module belongs to what runs in production. */
export function isProduct(module: Source): boolean {
  return module.path.startsWith('src/') || module.path.startsWith('runtimes/')
}

function importsOf(from: string, tokens: readonly Token[]): Import[] {
  const found: Import[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'string') continue
    const before = codeBefore(tokens, index)
    if (!/\b(from|import)\s*$|\bimport\s*\(\s*$/.test(before)) continue
    const specifier = token.text.slice(1, -1)
    const local = /^\.{0,2}\//.test(specifier)
    const target = local ? path.posix.join(path.posix.dirname(from), specifier) : null
    const name = local ? null : packageName(specifier)
    found.push({ specifier, target, package: name, typeOnly: TYPE_ONLY.test(before) })
  }
  return found
}

function codeBefore(tokens: readonly Token[], index: number): string {
  for (let at = index - 1; at >= 0; at--) {
    const token = tokens[at]!
    if (token.kind === 'code' && token.text.trim() !== '') return token.text
    if (token.kind !== 'comment' && token.kind !== 'code') return ''
  }
  return ''
}

function packageName(specifier: string): string | null {
  if (/^(node|npm|jsr|data|https?):/.test(specifier)) return null
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}
