import type { ErrorCode } from '../../errors.ts'
import type { Answer, Endpoint } from '../endpoint.ts'
import { apiPaths } from './api-paths.ts'
import { type Operation, problemResponses } from './operation.ts'
import { namedSchemas, schemaOf } from './schemas.ts'

/** The document, as far as this project looks into one. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: Readonly<Record<string, unknown>>
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

const TAGS = [
  { name: 'callbacks', description: 'Registered functions: a route, its code, its dependencies' },
  { name: 'deploy', description: 'Making a callback serve, and watching it' },
  { name: 'calls', description: 'Calling a deployed function' },
  { name: 'records', description: 'What became of a callback: versions, calls, logs, instances' },
  { name: 'chatrooms', description: 'The conversations that callbacks came of' },
  { name: 'system', description: 'The gateway itself' },
]

/** Errors that any endpoint can answer with, by what it takes. */
const ALWAYS: readonly ErrorCode[] = ['uri_too_long', 'store_unavailable', 'internal']
const WITH_BODY: readonly ErrorCode[] = [
  'origin_refused',
  'malformed_json',
  'body_timeout',
  'body_too_large',
  'invalid',
  'draining',
]

/** Describes the whole API as OpenAPI 3.1, from the declarations that register and validate it. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const endpoint of endpoints) {
    for (const [index, path] of [endpoint.path, ...(endpoint.aliases ?? [])].entries()) {
      paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint, path, index) }
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Function gateway',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Register functions, deploy them and call them. Every error is a problem document (RFC 9457) with a ' +
        '`code`, a sentence and the side that has to act.',
    },
    servers: [{ url: '/' }],
    tags: TAGS,
    paths: { ...paths, ...apiPaths() },
    components: {
      schemas: namedSchemas(),
      securitySchemes: {
        adminToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'The value of FAAS_ADMIN_TOKEN; nothing is asked for where that is not set.',
        },
      },
    },
  }
}

function operation(endpoint: Endpoint, path: string, aliasIndex: number): Operation {
  const { name, tag, summary, description, body, query, open, method } = endpoint
  const changing: readonly ErrorCode[] =
    body === undefined && method !== 'GET' ? ['origin_refused', 'draining'] : []
  const codes: ErrorCode[] = [
    ...(open ? [] : (['unauthorized'] as const)),
    ...(body === undefined ? changing : WITH_BODY),
    ...(query === undefined ? [] : (['invalid'] as const)),
    ...endpoint.errors,
    ...ALWAYS,
  ]
  const parameters = [...pathParameters(path), ...queryParameters(endpoint)]
  return {
    operationId: aliasIndex === 0 ? name : `${name}Alias${aliasIndex}`,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: open ? [] : [{ adminToken: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } } }),
    responses: { 200: success(endpoint), ...problemResponses([...new Set(codes)]) },
  }
}

function success({ answer, otherAnswer }: Endpoint): unknown {
  const description = otherAnswer === undefined ? answer.about : `${answer.about}. ${otherAnswer.about}`
  return { description, content: { ...content(answer), ...(otherAnswer && content(otherAnswer)) } }
}

function content(answer: Answer): Record<string, unknown> {
  return 'schema' in answer
    ? { 'application/json': { schema: schemaOf(answer.schema) } }
    : { [answer.contentType]: { schema: { type: 'string' } } }
}

function pathParameters(path: string): unknown[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'integer', minimum: 1 },
  }))
}

function queryParameters({ query }: Endpoint): unknown[] {
  if (query === undefined) return []
  const { properties = {} } = schemaOf(query)
  return Object.entries(properties).map(([name, { description, default: fallback, ...schema }]) => ({
    name,
    in: 'query',
    ...(description === undefined ? {} : { description }),
    // In the schema of a query a default is text, as it would come in the address.
    schema: fallback === undefined ? schema : { ...schema, default: JSON.parse(String(fallback)) },
  }))
}
