import type { Module, Rule } from './sources.ts'

/** A part of src/: files with one place in the order. Of two parts only the higher may import the lower. */
interface Part {
  readonly name: string
  readonly rank: number
}

const ADAPTER_RANK = 4
const ASSEMBLY_RANK = 7

const RANKS: readonly (readonly [pattern: RegExp, name: string, rank: number])[] = [
  [/^src\/errors\.ts$/, 'errors', 0],
  [/^src\/domain\//, 'domain', 1],
  [/^src\/config\.ts$/, 'config', 2],
  [/^src\/source-map\//, 'source-map', 2],
  [/^src\/runtime\/drivers\/([a-z]+)/, 'driver $1', ADAPTER_RANK],
  [/^src\/store\/libsql\//, 'store libsql', ADAPTER_RANK],
  [/^src\/(runtime|store|observe|egress)\//, '$1', 3],
  [/^src\/(invoke|deploy)\//, '$1', 5],
  [/^src\/(http|cli|web)\//, '$1', 6],
  // The entries, the composition root and its helpers.
  [/^src\/[a-z.-]+\.ts$/, 'assembly', ASSEMBLY_RANK],
]

const PORT_RANK = 3
/** Seams: types that a part offers to its users and that others implement. Any part from their rank up may import one. */
const PORTS: ReadonlySet<string> = new Set([
  'src/runtime/runtime.ts',
  'src/store/store.ts',
  'src/observe/observer.ts',
  'src/deploy/deployer.ts',
  'src/invoke/invoker.ts',
])

/** The files of src/ that both sides of the wire share: the protocol and its binary form. */
const WIRE: ReadonlySet<string> = new Set(['src/runtime/wire.ts', 'src/runtime/frames.ts'])
/** What makes a guest's code ready to be started: the host side reads it as files. */
const GUEST_BUNDLE = /^runtimes\/[a-z]+\/bundle\.ts$/

/** Imports go down only: main, gateway → http, cli → invoke, deploy → ports → domain. */
export const importsGoDown: Rule = (modules) => eachImport(modules, 'src/', problemOf)

/** The guest side shares the wire with the host side and nothing else. */
export const guestsImportOnlyTheWire: Rule = (modules) =>
  eachImport(modules, 'runtimes/', (_, target) =>
    target.startsWith('runtimes/') || WIRE.has(target)
      ? null
      : `a guest may import ${[...WIRE].join(' and ')} and nothing else`,
  )

/** No chain of imports leads back to its start; types are no link in it, they are gone when modules load. */
export const noCycles: Rule = (modules) => {
  const byPath = new Map(modules.map((module) => [module.path, module]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (module: Module, trail: readonly string[]): void => {
    const start = trail.indexOf(module.path)
    if (start !== -1) found.push([...trail.slice(start), module.path].join(' → '))
    if (start !== -1 || done.has(module.path)) return
    for (const { target, typeOnly } of module.imports) {
      const next = target === null || typeOnly ? undefined : byPath.get(target)
      if (next !== undefined) visit(next, [...trail, module.path])
    }
    done.add(module.path)
  }
  for (const module of modules) visit(module, [])
  return found
}

function problemOf(from: string, target: string): string | null {
  const importer = partOf(from)
  if (importer === null)
    return `${from} has no place in the order: add its folder to test/architecture/layers.ts`
  if (importer.rank === ASSEMBLY_RANK && GUEST_BUNDLE.test(target)) return null
  if (!target.startsWith('src/')) return 'the host side imports nothing outside src'
  const imported = partOf(target)
  if (imported === null)
    return `${target} has no place in the order: add its folder to test/architecture/layers.ts`
  if (imported.name === importer.name) return null
  if (importer.rank === ADAPTER_RANK) return adapterProblem(importer, imported)
  if (PORTS.has(target) && importer.rank >= PORT_RANK) return null
  if (imported.rank === ADAPTER_RANK && importer.name !== 'cli' && importer.rank < ASSEMBLY_RANK) {
    return `only the gateway and the command line may import ${imported.name}`
  }
  return imported.rank < importer.rank ? null : `${importer.name} may not import ${imported.name}`
}

/** An adapter knows its own port, the domain and its own package. */
function adapterProblem(importer: Part, imported: Part): string | null {
  const own = importer.name.startsWith('driver') ? 'runtime' : 'store'
  return imported.rank < PORT_RANK || imported.name === own
    ? null
    : `${importer.name} may import its port and the domain, not ${imported.name}`
}

function partOf(path: string): Part | null {
  for (const [pattern, name, rank] of RANKS) {
    const match = pattern.exec(path)
    if (match !== null) return { name: name.replace('$1', match[1] ?? ''), rank }
  }
  return null
}

function eachImport(
  modules: readonly Module[],
  folder: string,
  problem: (from: string, target: string) => string | null,
): string[] {
  return modules
    .filter((module) => module.path.startsWith(folder))
    .flatMap((module) =>
      module.imports.flatMap(({ target }) => {
        const sentence = target === null ? null : problem(module.path, target)
        return sentence === null ? [] : [`${module.path} imports ${target}: ${sentence}`]
      }),
    )
}
