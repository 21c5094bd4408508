import type { Message } from 'esbuild'
import type { BuildError } from '../../domain/deployment.ts'
import { BuildFailure } from '../../runtime/failures.ts'
import { AUTHOR_FILE, AUTHOR_NAMESPACE } from './author-file.ts'
import { builtinOf } from './builtins.ts'
import { isRefusal, lostContext, memberUnavailable, type Refusal } from './refusals.ts'

/** What esbuild has to say, in the author's coordinates. What cannot be read leads, then the author's own file. */
export function buildFailure(messages: readonly Message[]): BuildFailure {
  const errors = messages.map(buildError)
  const first =
    errors.find((error) => error.code === 'syntax_error') ??
    errors.find((error) => error.file === AUTHOR_FILE)
  return new BuildFailure(first ?? errors[0]!)
}

/** One line a message, for the build log. */
export function describe(error: BuildError): string {
  const place = error.file === undefined ? '' : `${error.file}:${error.line}:${error.column}: `
  return `${place}${error.message}`
}

/** esbuild's message as a build error; the sentence is ours where the cause is known. */
export function buildError(message: Message): BuildError {
  const refusal = refusalOf(message)
  return {
    code: refusal?.code ?? (isSyntaxError(message) ? 'syntax_error' : 'bundle_failed'),
    message: refusal?.message ?? message.text,
    step: 'bundle',
    ...placeOf(message),
  }
}

/** Did the author's file fail to parse? Then another reading of it may succeed. */
export function isSyntaxError(message: Message): boolean {
  return (
    message.pluginName === '' &&
    isInAuthorFile(message) &&
    !/^(?:Could not resolve|No matching export|No loader is configured)/.test(message.text)
  )
}

/** Warnings that name something that will fail when it runs, as failures of the build. */
export function fatalWarning(warnings: readonly Message[]): BuildFailure | null {
  // What a package may lack on one of its ways is its own affair.
  for (const warning of warnings.filter(isInAuthorFile)) {
    const refusal = refusalOf(warning)
    if (refusal !== null) return buildFailure([warning])
    if (/^The CommonJS "(?:exports|module)" variable is treated as a global/.test(warning.text)) {
      return new BuildFailure({
        code: 'mixed_module_formats',
        message:
          'Cannot bundle code that both has `export` (or a top-level `await`) and assigns to `exports` or ' +
          '`module.exports`: use one of the two',
        step: 'bundle',
        ...placeOf(warning),
      })
    }
  }
  return null
}

function isInAuthorFile(message: Message): boolean {
  return message.location?.file === `${AUTHOR_NAMESPACE}:${AUTHOR_FILE}`
}

function refusalOf(message: Message): Refusal | null {
  if (isRefusal(message.detail)) return message.detail
  if (/^Top-level await is not available/.test(message.text)) return lostContext
  const lacking = lackingMember(message)
  return lacking === null ? null : memberUnavailable(lacking.module, lacking.member)
}

/** Does it say that a built-in lacks a name which is imported of it? */
export function lackingMember(message: Message): { module: string; member: string } | null {
  const missing =
    /^No matching export in "(?<file>.*)" for import "(?<member>.*)"$/.exec(message.text) ??
    /^Import "(?<member>.*)" will always be undefined because there is no matching export in "(?<file>.*)"$/.exec(
      message.text,
    )
  const module = missing === null ? null : builtinOf(missing.groups!.file!)
  return module === null ? null : { module, member: missing!.groups!.member! }
}

function placeOf(message: Message): Pick<BuildError, 'file' | 'line' | 'column'> {
  const { location } = message
  if (location === null) return {}
  return { file: fileName(location.file), line: location.line, column: column(location) }
}

function fileName(file: string): string {
  if (file === `${AUTHOR_NAMESPACE}:${AUTHOR_FILE}`) return AUTHOR_FILE
  const at = file.replaceAll('\\', '/').lastIndexOf('node_modules/')
  return at === -1 ? file : file.slice(at)
}

/** esbuild counts bytes from 0, people count characters from 1. */
function column(location: NonNullable<Message['location']>): number {
  const bytes = new TextEncoder().encode(location.lineText).subarray(0, location.column)
  return new TextDecoder().decode(bytes).length + 1
}
