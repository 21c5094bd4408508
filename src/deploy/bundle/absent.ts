import type { OnResolveArgs, OnResolveResult, PluginBuild } from 'esbuild'
import { OWN_BUILTINS } from './builtins.ts'
import { ABSENT_FACTS } from './facts.ts'
import { guardedRequires } from './guarded.ts'

/** The namespace of modules whose use fails. */
const USE_FAILS = 'absent-builtin'
/** The namespace of modules whose import fails. */
const IMPORT_FAILS = 'refused-builtin'

/**
 * What packages get for built-ins that are absent. Most import them only for the way they take on Node, so the
 * build goes on: a static import, or a `require` that nothing guards, gives a module whose use fails; `import()`
 * and a `require` in a `try` fail themselves, for code that does so has another way ready.
 */
export class AbsentBuiltins {
  readonly #build: PluginBuild
  /** By file: the modules whose `require` it guards. */
  readonly #guarded = new Map<string, Promise<ReadonlySet<string>>>()

  constructor(build: PluginBuild) {
    this.#build = build
    const resolveDir = OWN_BUILTINS
    build.onLoad({ filter: /.*/, namespace: USE_FAILS }, ({ path: name }) => ({
      contents: useFails(name),
      resolveDir,
    }))
    build.onLoad({ filter: /.*/, namespace: IMPORT_FAILS }, ({ path: name }) => ({
      contents: importFails(name),
      resolveDir,
    }))
  }

  async resolve(args: OnResolveArgs, name: string): Promise<OnResolveResult> {
    const { kind, importer, path: specifier } = args
    const fails =
      kind === 'dynamic-import' || (kind === 'require-call' && (await this.#isGuarded(importer, specifier)))
    return { path: name, namespace: fails ? IMPORT_FAILS : USE_FAILS, sideEffects: false }
  }

  async #isGuarded(file: string, specifier: string): Promise<boolean> {
    const known = this.#guarded.get(file) ?? guardedRequires(file, this.#build.esbuild)
    this.#guarded.set(file, known)
    return (await known).has(specifier)
  }
}

const FROM = '"./unavailable.ts"'

function useFails(name: string): string {
  const facts = ABSENT_FACTS[name]
  return `import{unavailable}from${FROM};module.exports=unavailable(${JSON.stringify(name)},${facts ?? '{}'})`
}

function importFails(name: string): string {
  return `import{unavailableImport}from${FROM};throw unavailableImport(${JSON.stringify(name)})`
}
