import type { Context } from 'hono'
import type { GenericSchema } from 'valibot'
import type { ErrorCode } from '../errors.ts'
import type { AppEnv } from './deps.ts'

/** One request, read and checked, as an endpoint's handler gets it. */
export interface Call<Q, B> {
  readonly c: Context<AppEnv>
  readonly requestId: string
  readonly query: Q
  readonly body: B
  /** The number of a path parameter. */
  id(name: string): number
}

/** What a successful answer looks like. */
export type Answer =
  | { readonly schema: GenericSchema; readonly about: string }
  | { readonly contentType: string; readonly about: string }

interface EndpointBase {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** As OpenAPI spells it: `/callbacks/{id}`. Every parameter is the id of a row. */
  readonly path: string
  /** Other paths that are the same endpoint. */
  readonly aliases?: readonly string[]
  /** Name of the operation in OpenAPI, unique. */
  readonly name: string
  readonly tag: string
  /** Starts with a verb; errors say `Cannot` and this. */
  readonly summary: string
  readonly description?: string
  /** Needs no token, whatever is configured. */
  readonly open?: boolean
  readonly answer: Answer
  /** A second form of the answer, such as an event stream. */
  readonly otherAnswer?: Answer
  /** Errors besides those that every endpoint can give. */
  readonly errors: readonly ErrorCode[]
}

interface Spec<Q, B> extends EndpointBase {
  readonly query?: GenericSchema<unknown, Q>
  readonly body?: GenericSchema<unknown, B>
  /** Answers a value, which is sent as JSON, or a Response, which is sent as it is. */
  handle(call: Call<Q, B>): unknown
}

/** One endpoint: what registers it, what validates it and what documents it. */
export interface Endpoint extends EndpointBase {
  readonly query?: GenericSchema
  readonly body?: GenericSchema
  handle(call: Call<unknown, unknown>): unknown
}

/** Declares an endpoint; query and body reach the handler with the types of their schemas. */
export function endpoint<Q = undefined, B = undefined>(spec: Spec<Q, B>): Endpoint {
  return spec as unknown as Endpoint
}
