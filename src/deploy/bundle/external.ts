import * as path from 'node:path'
import process from 'node:process'
import type { OnResolveArgs, OnResolveResult, PluginBuild } from 'esbuild'
import { parseLibrary } from '../library/spec.ts'
import { ASSET_LOADERS } from './assets.ts'
import { packageName } from './refusals.ts'

/** What the bundle has of Node's own: `require` of packages, for the author's CommonJS. */
export const REQUIRE_BANNER =
  "import{createRequire as faasRequire}from'node:module';const require=faasRequire(import.meta.url);"

const NAMESPACE = 'external-asset'
/** Files that Node itself imports differently, or not at all. */
const ASSET = /\.(?:json|wasm|bin|data|txt|html|sql|md|css)$/

/** Packages that stay outside of the bundle: they are found where the code runs. */
export class ExternalPackages {
  readonly #declared: ReadonlySet<string>

  /** @param library the callback's, as its author wrote it */
  constructor(library: string | null, build: PluginBuild) {
    this.#declared = new Set(library === null ? [] : Object.keys(parseLibrary(library).dependencies))
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path: specifier }) => ({
      contents: assetCode(specifier),
      resolveDir: path.parse(process.cwd()).root,
    }))
    build.onResolve({ filter: /.*/, namespace: NAMESPACE }, (args) => ({ path: args.path, external: true }))
  }

  /** Are there any? */
  get some(): boolean {
    return this.#declared.size > 0
  }

  declares(specifier: string): boolean {
    return this.#declared.has(packageName(specifier))
  }

  /** An import that stays one. What is no code means what it means in a bundle: see assets.ts. */
  resolve({ path: specifier, kind }: OnResolveArgs): OnResolveResult {
    const isImport = kind === 'import-statement' || kind === 'dynamic-import'
    return isImport && ASSET.test(specifier)
      ? { path: specifier, namespace: NAMESPACE }
      : { path: specifier, external: true }
  }

  /** The same for a package that may have come with another one. */
  resolveUndeclared(args: OnResolveArgs): OnResolveResult {
    const text = `"${packageName(args.path)}" is not among the dependencies of \`library\`: it must have come with one of them`
    return { ...this.resolve(args), warnings: [{ text }] }
  }
}

/** Reads the file where the code runs. */
function assetCode(specifier: string): string {
  const kind = path.extname(specifier)
  if (ASSET_LOADERS[kind] === 'empty') return 'module.exports={}'
  if (kind === '.json') return `module.exports=require(${JSON.stringify(specifier)})`
  const file = `readFileSync(new URL(import.meta.resolve(${JSON.stringify(specifier)})))`
  const read = "import{readFileSync}from'node:fs';"
  if (kind === '.wasm') return `${read}export default new WebAssembly.Module(${file})`
  if (ASSET_LOADERS[kind] === 'text') return `${read}export default ${file}.toString()`
  return `${read}const bytes=${file};export default bytes.buffer.slice(bytes.byteOffset,bytes.byteOffset+bytes.length)`
}
