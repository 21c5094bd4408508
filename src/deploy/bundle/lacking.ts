import type { Message, OnResolveArgs, OnResolveResult, PluginBuild } from 'esbuild'
import { isPolyfill, OWN_BUILTINS } from './builtins.ts'
import { lackingMember } from './failures.ts'

/** Names that packages import of built-ins that lack them, by built-in. */
export type Lacking = ReadonlyMap<string, ReadonlySet<string>>

const NAMESPACE = 'builtin-with-stand-ins'

/** What packages lack, where that is all that is wrong; null where it is not. */
export function lackingOf(errors: readonly Message[]): Lacking | null {
  const found = new Map<string, Set<string>>()
  for (const error of errors) {
    const lacking = lackingMember(error)
    const inPackage = error.location?.file.includes('node_modules/') ?? false
    if (lacking === null || !inPackage) return null
    found.set(lacking.module, (found.get(lacking.module) ?? new Set()).add(lacking.member))
  }
  return found
}

/**
 * Gives packages those names all the same, as stand-ins whose use fails: an import that does not link fails at
 * once, however rarely the package needs it.
 */
export class LackingMembers {
  readonly #lacking: Lacking

  constructor(lacking: Lacking, build: PluginBuild) {
    this.#lacking = lacking
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path: name }) => ({
      contents: this.#source(name),
      resolveDir: OWN_BUILTINS,
    }))
  }

  /** @returns null where the built-in itself will do */
  resolve(args: OnResolveArgs, name: string): OnResolveResult | null {
    const wanted = args.kind === 'import-statement' && args.namespace === 'file' && !isPolyfill(args.importer)
    return wanted && this.#lacking.has(name) ? { path: name, namespace: NAMESPACE, sideEffects: false } : null
  }

  /** Does the import come from the module that stands in? */
  isOwn(args: OnResolveArgs): boolean {
    return args.namespace === NAMESPACE && args.path.startsWith('node:')
  }

  #source(name: string): string {
    const members = [...this.#lacking.get(name)!].map(
      (member) =>
        `export const ${member}=unavailableMember(${JSON.stringify(name)},${JSON.stringify(member)})`,
    )
    return [
      `import{unavailableMember}from"./unavailable.ts"`,
      `export*from"node:${name}"`,
      `export{default}from"node:${name}"`,
      ...members,
    ].join(';')
  }
}
