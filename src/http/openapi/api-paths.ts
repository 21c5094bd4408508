import type { ErrorCode } from '../../errors.ts'
import { type Operation, problemResponses } from './operation.ts'

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'] as const

const ERRORS: readonly ErrorCode[] = [
  'not_found',
  'method_not_allowed',
  'body_timeout',
  'body_too_large',
  'uri_too_long',
  'function_threw',
  'function_killed',
  'function_timeout',
  'answer_unsendable',
  'boot_failed',
  'queue_full',
  'queue_timeout',
  'start_failed',
  'instance_lost',
  'draining',
]

const HEADERS = {
  'x-request-id': header('Id of the call; a well-formed one of the request is kept'),
  'x-lambda-status-code': header('200, 400, 500 or 504: how the function did'),
  'x-callback-version': header('The deployment that answered'),
  'x-faas-start': header('warm, prewarmed or cold'),
  'server-timing': header('Milliseconds of the phases that happened: queue, start, init, handler, total'),
}

/** The calls of functions. They are routed by the table of deployments, not by an endpoint's declaration. */
export function apiPaths(): Record<string, Record<string, Operation>> {
  return {
    '/api/{path}': operations('call', 'Call a function', 'Runs what is deployed at that path and method.'),
    '/api/kube/{path}': operations(
      'callOnKube',
      'Call a function on Kubernetes',
      'The same, but only for a deployment on Kubernetes; anything else is 404.',
    ),
  }
}

function operations(name: string, summary: string, description: string): Record<string, Operation> {
  return Object.fromEntries(
    METHODS.map((method) => [method, operation(`${name}_${method}`, summary, description, method)]),
  )
}

function operation(operationId: string, summary: string, description: string, method: string): Operation {
  const path = {
    name: 'path',
    in: 'path',
    required: true,
    description: 'Path of a callback; it may have several segments',
    schema: { type: 'string' },
  }
  const anything = { '*/*': { schema: {} } }
  return {
    operationId,
    tags: ['calls'],
    summary,
    description,
    security: [],
    parameters: [path],
    ...(['post', 'put', 'patch', 'delete'].includes(method) ? { requestBody: { content: anything } } : {}),
    responses: {
      default: { description: "The function's own answer", headers: HEADERS, content: anything },
      ...problemResponses(ERRORS),
    },
  }
}

function header(description: string) {
  return { description, schema: { type: 'string' } }
}
