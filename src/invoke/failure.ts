import { FunctionFailure, type Invocation, type Kill, type ThrownError } from '../domain/outcome.ts'
import { GatewayError } from '../errors.ts'
import { BootFailure, InstanceGone } from '../runtime/failures.ts'
import { authorStack } from '../source-map/author-stack.ts'
import type { Target } from './targets.ts'

/** The source map of what runs, or null where there is none. */
export type SourceMapOf = (target: Target) => Promise<string | null>

/** Anything that a call can end with, as an error of the table; stacks point into the author's source. */
export async function explain(
  error: unknown,
  target: Target,
  sourceMapOf: SourceMapOf,
): Promise<GatewayError> {
  const { callback_id, type } = target.deployment
  const mapped = async (thrown: ThrownError): Promise<ThrownError> => {
    const mappable = type === 'node' && thrown.stack !== ''
    const map = mappable ? await sourceMapOf(target).catch(() => null) : null
    const { text } = authorStack(type, thrown.stack, map)
    return { name: thrown.name, message: thrown.message, stack: text }
  }
  if (error instanceof GatewayError) return error
  if (error instanceof FunctionFailure) return fromFailure(error, target, await mapped(error.thrown))
  if (error instanceof BootFailure) {
    const detail = `Cannot load "${target.name}": ${error.thrown.name}: ${error.thrown.message}: mend the module and deploy it again`
    return new GatewayError('boot_failed', detail, { callback_id, error: await mapped(error.thrown) })
  }
  if (error instanceof InstanceGone) return fromExit(error, target)
  return new GatewayError(
    'internal',
    'The call failed inside the gateway: its log says more under this request id',
    { callback_id },
    error,
  )
}

/** How a guest's own sentences of this kind begin. */
const OPENING = /^Cannot send the answer: /

function fromFailure(failure: FunctionFailure, target: Target, error: ThrownError): GatewayError {
  const { callback_id } = target.deployment
  const { kind, kill } = failure
  if (kind === 'killed' && kill !== null) return killed(kill, failure.message, target)
  if (kind === 'unsendable') {
    const remedy =
      error.name === 'RangeError' ? '' : ': return a Response, a proxy object or something JSON can carry'
    const detail = `Cannot send the answer of "${target.name}": ${error.message.replace(OPENING, '')}${remedy}`
    return new GatewayError('answer_unsendable', detail, { callback_id, error })
  }
  return new GatewayError('function_threw', `"${target.name}" threw ${error.name}: ${error.message}`, {
    callback_id,
    error,
  })
}

function killed(kill: Kill, sentence: string, target: Target): GatewayError {
  const { callback_id } = target.deployment
  const extras = { callback_id, kill: { ...kill }, error: { name: 'Killed', message: sentence, stack: '' } }
  if (kill.reason === 'timeout') {
    const detail = `"${target.name}" was ended: it took longer than its ${kill.limit} ms: make it faster or raise limits.timeout_ms`
    return new GatewayError('function_timeout', detail, extras)
  }
  const remedy =
    kill.reason === 'memory'
      ? ': use less or raise limits.memory_mb'
      : kill.reason === 'cpu'
        ? ': do less or raise limits.cpu_ms'
        : ''
  return new GatewayError('function_killed', `"${target.name}" was ended: ${sentence}${remedy}`, extras)
}

/** An instance that broke its own limit is the function's doing; one lost for another's sake is the platform's. */
function fromExit(gone: InstanceGone, target: Target): GatewayError {
  const { exit } = gone
  const { callback_id } = target.deployment
  if (exit.reason === 'memory' || exit.reason === 'cpu' || exit.reason === 'crash') {
    return killed({ reason: exit.reason, limit: exit.limit, used: exit.used }, exit.detail, target)
  }
  const kill = { reason: 'evicted', limit: exit.limit, used: exit.used }
  const detail = `"${target.name}" lost its instance under the call: ${exit.detail}: call it again`
  return new GatewayError('instance_lost', detail, { callback_id, retry_after: 1, kill })
}

/** Which outcome a failed call is recorded as. */
export function outcomeOf(error: GatewayError): Invocation['outcome'] {
  switch (error.code) {
    case 'function_threw':
    case 'boot_failed':
      return 'threw'
    case 'answer_unsendable':
      return 'unsendable'
    case 'function_killed':
    case 'function_timeout':
      return 'killed'
    case 'client_closed':
      return 'aborted'
    default:
      return 'refused'
  }
}
