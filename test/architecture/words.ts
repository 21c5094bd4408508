import type { Source } from './sources.ts'

// Spelled in parts, so that this file does not name what it forbids.
const UNFINISHED = new RegExp(`\\b(TO${'DO'}|FIX${'ME'})\\b`)
const machinePath = (...names: string[]) =>
  new RegExp(`(?<![\\w.$}/~-])/(${names.join('|')})(?=[/'"\`\\s)]|$)`)
const MACHINE_PATH = machinePath('work', 'root', 'tmp')
/** In a container of ours the folders are always at the same place. */
const CONTAINER_PATH = machinePath('work')
const CONTAINERS =
  /^(src\/runtime\/drivers\/docker|runtimes\/(node|python)|test\/(docker|conformance|hostile|fixtures\/functions|runtime\/docker|runtimes\/(node|python)))\/|^docs\/containers\.md$/
const REGISTRY = new RegExp(['registry\\.npm', 'registry\\.yarn', 'pypi\\.', 'python' + 'hosted'].join('|'))

/** Nothing is left for later in a file. */
export const nothingUnfinished = rule(() => UNFINISHED, 'leaves something for later')

/** No path of one machine: temporary folders come from the host, the rest from settings. */
export const noMachinePaths = rule(
  ({ path }) => (CONTAINERS.test(path) ? CONTAINER_PATH : MACHINE_PATH),
  'has a path of one machine',
)

/** Which registry is used is a setting. */
export const noRegistryHosts = rule(() => REGISTRY, 'names a registry')

function rule(
  patternFor: (source: Source) => RegExp,
  problem: string,
): (sources: readonly Source[]) => string[] {
  return (sources) =>
    sources
      .filter((source) => source.path !== 'LICENSE')
      .flatMap((source) =>
        source.text.split('\n').flatMap((line, index) => {
          const match = patternFor(source).exec(line)
          return match === null ? [] : [`${source.path}:${index + 1} ${problem}: ${match[0]}`]
        }),
      )
}
