import type { Limits } from './limits.ts'
import type { CType, Language } from './runtime-name.ts'

// A record is spelled one way from the database to the answer: snake_case, as the API shows it.

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'ANY'] as const
export type Method = (typeof METHODS)[number]

export const CALLBACK_STATUSES = ['pending', 'build', 'deployed', 'failed', 'undeployed'] as const
export type CallbackStatus = (typeof CALLBACK_STATUSES)[number]

export type ResponseMode = 'proxy' | 'envelope'

/** A registered function: a route, its code, its dependencies, its environment. */
export interface Callback {
  readonly callback_id: number
  /** Normalised: no leading or trailing slash. Unique together with `method`. */
  readonly path: string
  readonly method: Method
  readonly type: Language
  readonly code: string
  /** The text of a package.json (node) or requirements.txt (python). */
  readonly library: string | null
  readonly env: Readonly<Record<string, string>>
  /** What the last deploy asked for; null before the first. */
  readonly c_type: CType | null
  readonly status: CallbackStatus
  /** The deployment that serves now; null when none does. A failed build leaves it as it was. */
  readonly version: number | null
  readonly chat_id: number | null
  readonly limits: Limits
  readonly response_mode: ResponseMode
  /** ISO 8601 UTC. */
  readonly created_at: string
  readonly updated_at: string
}

/** What a caller may set. */
export type CallbackInput = Pick<
  Callback,
  'path' | 'method' | 'type' | 'code' | 'library' | 'env' | 'chat_id' | 'limits' | 'response_mode'
>

/** The conversation that produced a callback. */
export interface Chatroom {
  readonly chatroom_id: number
  readonly title: string
  readonly callback_id: number | null
  readonly created_at: string
  readonly updated_at: string
}

export const CHAT_ROLES = ['user', 'assistant', 'system'] as const
export type ChatRole = (typeof CHAT_ROLES)[number]

export interface Chat {
  readonly chat_id: number
  readonly chatroom_id: number
  readonly role: ChatRole
  readonly content: string
  readonly created_at: string
}
