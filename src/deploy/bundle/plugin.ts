import { existsSync } from 'node:fs'
import * as path from 'node:path'
import type { Loader, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from 'esbuild'
import { AbsentBuiltins } from './absent.ts'
import { assetLoaders } from './assets.ts'
import { AUTHOR_FILE, AUTHOR_NAMESPACE } from './author-file.ts'
import {
  builtinFile,
  builtinFileForPackage,
  builtinFileForPolyfill,
  builtinName,
  isBuiltin,
  isPolyfill,
  replacementFile,
} from './builtins.ts'
import { ExternalPackages } from './external.ts'
import { type Lacking, LackingMembers } from './lacking.ts'
import { lowered, loweredFile, type Transform } from './lowering.ts'
import * as refusals from './refusals.ts'

const ENTRY = 'faas:callback'
const CJS_NAMESPACE = 'node-builtin-cjs'

/** The module that esbuild starts from. */
export const ENTRY_CODE = `import * as callback from '${ENTRY}';export{callback}`

export interface Source {
  readonly code: string
  readonly loader: Loader
  /** The folder that holds `node_modules`, with symbolic links resolved; null without a library. */
  readonly libraryDir: string | null
  readonly polyfillNode: boolean
  /** Packages stay imports; `library` says which there are. */
  readonly external: { readonly library: string | null } | null
  /** What packages import of built-ins that lack it. */
  readonly lacking: Lacking
  /** Set when async functions must be lowered: what does it. */
  readonly lower: Transform | null
}

/** Supplies the author's file, and decides what each import means: built-in, package of the library, or refused. */
export function sourcePlugin(source: Source): Plugin {
  return {
    name: 'callback',
    setup(build) {
      const resolver = new Resolver(source, build)
      assetLoaders(build)
      build.onResolve({ filter: /^faas:callback$/ }, () => ({
        path: AUTHOR_FILE,
        namespace: AUTHOR_NAMESPACE,
      }))
      build.onLoad({ filter: /.*/, namespace: AUTHOR_NAMESPACE }, async () => ({
        ...(await authorCode(source)),
        resolveDir: source.libraryDir ?? NOWHERE,
      }))
      build.onLoad({ filter: /.*/, namespace: CJS_NAMESPACE }, (args) => ({
        contents: `import whole from 'node:${args.path}';module.exports=whole`,
        resolveDir: NOWHERE,
      }))
      build.onResolve({ filter: /.*/, namespace: AUTHOR_NAMESPACE }, (args) => resolver.fromAuthor(args))
      build.onResolve({ filter: /.*/, namespace: CJS_NAMESPACE }, (args) => resolver.builtin(args))
      const { lower } = source
      if (lower !== null) {
        build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, (args) =>
          loweredFile(args.path, lower),
        )
      }
      build.onResolve({ filter: /^node:/ }, (args) => resolver.fromStandIn(args))
      // Paths within a package are esbuild's own business; only what leaves the package is looked at.
      build.onResolve({ filter: /^[^./]|\.node$/, namespace: 'file' }, (args) => resolver.fromPackage(args))
    },
  }
}

function authorCode(source: Source): OnLoadResult | Promise<OnLoadResult> {
  const { code, loader, lower } = source
  if (lower === null) return { contents: code, loader }
  return lowered(code, loader, `${AUTHOR_NAMESPACE}:${AUTHOR_FILE}`, lower)
}

/** A folder without `node_modules` in or above it. */
const NOWHERE = path.parse(process.cwd()).root

const RECURSION = { resolving: true }

class Resolver {
  readonly #source: Source
  readonly #build: PluginBuild
  readonly #absent: AbsentBuiltins
  readonly #lacking: LackingMembers
  readonly #external: ExternalPackages | null

  constructor(source: Source, build: PluginBuild) {
    this.#source = source
    this.#build = build
    this.#absent = new AbsentBuiltins(build)
    this.#lacking = new LackingMembers(source.lacking, build)
    this.#external = source.external && new ExternalPackages(source.external.library, build)
  }

  async fromAuthor(args: OnResolveArgs): Promise<OnResolveResult | undefined> {
    if (args.pluginData === RECURSION) return undefined
    const specifier = args.path
    if (/^\.{0,2}\/|^\.{1,2}$/.test(specifier)) return refusals.refuse(refusals.localImport(specifier))
    if (/^(?:https?|npm|jsr|file):/.test(specifier)) return refusals.refuse(refusals.remoteImport(specifier))
    if (specifier.startsWith('data:')) return undefined
    if (isBuiltin(specifier)) {
      const offered = !this.#source.polyfillNode || builtinFile(builtinName(specifier)) !== null
      if (offered) return this.builtin(args)
      // A package of the library may have the name of a built-in.
      if (!specifier.startsWith('node:') && (await this.#inLibrary(args))) return undefined
      return refusals.refuse(refusals.builtinUnavailable(specifier, null))
    }
    if (this.#external !== null) return this.#outside(args, this.#external)
    if (await this.#inLibrary(args)) return this.#replaced(args)
    return refusals.refuse(this.#unresolved(specifier))
  }

  /** A package that is found where the code runs. One that nobody declared may have come with another. */
  async #outside(args: OnResolveArgs, external: ExternalPackages): Promise<OnResolveResult> {
    if (external.declares(args.path)) return external.resolve(args)
    const { libraryDir } = this.#source
    if (libraryDir !== null && (await this.#inLibrary(args))) return external.resolve(args)
    if (libraryDir === null && external.some && !args.path.startsWith('#'))
      return external.resolveUndeclared(args)
    return refusals.refuse(refusals.unresolvedImport(args.path, null, external.some))
  }

  /** An import that a package makes, or a polyfill. */
  async fromPackage(args: OnResolveArgs): Promise<OnResolveResult | undefined> {
    if (args.pluginData === RECURSION || args.kind === 'entry-point') return undefined
    const specifier = args.path
    if (this.#source.polyfillNode && isPolyfill(args.importer)) return this.#fromPolyfill(args)
    if (specifier.endsWith('.node')) {
      return this.#source.polyfillNode ? refusals.refuse(refusals.nativeAddon(specifier)) : undefined
    }
    if (specifier.startsWith('#') || specifier.startsWith('data:')) return undefined
    // `cloudflare:` modules are another platform's built-ins, imported by builds for it.
    if (/^(?:node|cloudflare):/.test(specifier)) return this.#builtinFromPackage(args)
    if (await this.#inLibrary(args)) return this.#replaced(args)
    if (isBuiltin(specifier)) return this.#builtinFromPackage(args)
    // As in Node, what is loaded while running and is not there matters then, not before.
    if (args.kind !== 'import-statement') return { path: specifier, external: true }
    return refusals.refuse(refusals.unresolvedImport(specifier, owner(args.importer), true))
  }

  /** A module that stands in for a built-in takes the rest from the built-in itself. */
  fromStandIn(args: OnResolveArgs): OnResolveResult | undefined {
    return this.#lacking.isOwn(args) ? this.builtin(args) : undefined
  }

  builtin(args: OnResolveArgs): OnResolveResult {
    const name = builtinName(args.path)
    const standIn = this.#lacking.resolve(args, name)
    if (standIn !== null) return standIn
    // `require` must give the module itself, as Node does, not a namespace around it.
    if (args.kind === 'require-call') return { path: name, namespace: CJS_NAMESPACE, sideEffects: false }
    if (!this.#source.polyfillNode) return { path: `node:${name}`, external: true }
    return { path: (builtinFileForPackage(name) ?? replacementFile(name))!, sideEffects: false }
  }

  /** An installed package, or what does the same where there is no Node. */
  #replaced(args: OnResolveArgs): OnResolveResult | undefined {
    return this.#source.polyfillNode && replacementFile(args.path) !== null ? this.builtin(args) : undefined
  }

  #builtinFromPackage(args: OnResolveArgs): OnResolveResult | Promise<OnResolveResult> {
    const name = builtinName(args.path)
    if (!this.#source.polyfillNode || builtinFileForPackage(name) !== null) return this.builtin(args)
    return this.#absent.resolve(args, name)
  }

  #fromPolyfill(args: OnResolveArgs): OnResolveResult | undefined {
    const file = builtinFileForPolyfill(builtinName(args.path))
    return file === null ? undefined : { path: file, sideEffects: false }
  }

  /** Would esbuild find it within the library? Folders above it hold the gateway's own packages. */
  async #inLibrary(args: OnResolveArgs): Promise<boolean> {
    const { libraryDir } = this.#source
    if (libraryDir === null) return false
    const { path: specifier, kind, importer, namespace, resolveDir } = args
    const found = await this.#build.resolve(specifier, {
      kind,
      importer,
      namespace,
      resolveDir: resolveDir || libraryDir,
      pluginData: RECURSION,
    })
    return found.errors.length === 0 && (found.namespace !== 'file' || isInside(libraryDir, found.path))
  }

  #unresolved(specifier: string): refusals.Refusal {
    const { libraryDir } = this.#source
    const folder = libraryDir && path.join(libraryDir, 'node_modules', refusals.packageName(specifier))
    if (folder !== null && existsSync(folder)) return refusals.missingEntry(specifier)
    return refusals.unresolvedImport(specifier, null, libraryDir !== null)
  }
}

function isInside(folder: string, file: string): boolean {
  return file.startsWith(folder + path.sep)
}

/** The package that a file belongs to, for messages. */
function owner(importer: string): string {
  const at = importer.lastIndexOf(`node_modules${path.sep}`)
  if (at === -1) return 'a package'
  const inside = importer.slice(at + 'node_modules/'.length).replaceAll(path.sep, '/')
  return `package "${refusals.packageName(inside)}"`
}
