import { type ParseError, parse } from 'jsonc-parser'
import { BuildFailure } from '../../runtime/failures.ts'

/** What counts of a `library`: the rest of a package.json has no meaning for a callback. */
export interface LibrarySpec {
  readonly dependencies: Readonly<Record<string, string>>
  readonly type: 'module' | 'commonjs'
}

const NAME = /^(?:@[a-z0-9~_-][a-z0-9._~-]*\/)?[a-zA-Z0-9~_-][a-zA-Z0-9._~-]*$/
const MAX_NAME = 214
/** A version, a range or a tag. No `:` and no `/`: those begin addresses and paths. */
const REGISTRY_SPEC = /^(?!\.)[\w.^~<>=|*+ -]*$/
const ARCHIVE = /\.(?:tgz|tar|tar\.gz)$/i
const ACCEPTED = 'versions, ranges and tags of the registry, and npm:NAME@VERSION, are'

/**
 * Reads the text of a package.json.
 * @throws BuildFailure `library_invalid` with the place, where the text is not JSON or asks for what is not allowed
 */
export function parseLibrary(text: string): LibrarySpec {
  const value = parseJson(text)
  if (!isObject(value)) throw invalid('`library` must be the text of a package.json: an object')
  const { dependencies = {}, type } = value
  if (!isObject(dependencies))
    throw invalid('`dependencies` of `library` must be an object of names and versions')
  const checked: Record<string, string> = {}
  for (const [name, spec] of Object.entries(dependencies)) {
    if (!NAME.test(name) || name.length > MAX_NAME) {
      throw invalid(`Cannot install "${name}": it is not the name of a package`)
    }
    if (typeof spec !== 'string') throw invalid(`Cannot install "${name}": its version must be text`)
    if (!isRegistrySpec(spec)) {
      throw invalid(`Cannot install "${name}" from "${spec}": only ${ACCEPTED} accepted`)
    }
    checked[name] = spec
  }
  return { dependencies: checked, type: type === 'module' ? 'module' : 'commonjs' }
}

/** Everything else would read the gateway's disk or fetch from anywhere. */
function isRegistrySpec(spec: string): boolean {
  const alias = /^npm:(@?[^@]+)(?:@(.*))?$/.exec(spec)
  if (alias !== null)
    return NAME.test(alias[1]!) && isRegistrySpec(alias[2] ?? '') && !alias[2]?.startsWith('npm:')
  return REGISTRY_SPEC.test(spec) && !ARCHIVE.test(spec)
}

function parseJson(text: string): unknown {
  const errors: ParseError[] = []
  const value = parse(text, errors, { disallowComments: true, allowTrailingComma: false }) as unknown
  const [first] = errors
  if (first === undefined) return value
  const before = text.slice(0, first.offset).split('\n')
  throw invalid('`library` is not JSON: it must be the text of a package.json', {
    file: 'package.json',
    line: before.length,
    column: before.at(-1)!.length + 1,
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(
  message: string,
  place: { file?: string; line?: number; column?: number } = {},
): BuildFailure {
  return new BuildFailure({ code: 'library_invalid', message, step: 'validate', ...place })
}
