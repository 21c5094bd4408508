import type { Row } from '@libsql/client'
import type { Callback, Chat, Chatroom } from '../../domain/callback.ts'
import type { DeploymentRecord } from '../../domain/deployment.ts'
import type { Invocation, LogLine } from '../../domain/outcome.ts'
import type { InstanceExit } from '../store.ts'
import { decodeText } from './text.ts'

// What this store wrote is what it reads back: the database is no input from outside, so rows are mapped, not
// validated.

function plain<T>(row: Row, key: string): T {
  return row[key] as T
}

function text(row: Row, key: string): string {
  return decodeText(plain<string>(row, key))
}

function maybeText(row: Row, key: string): string | null {
  const stored = plain<string | null>(row, key)
  return stored === null ? null : decodeText(stored)
}

function json<T>(row: Row, key: string): T {
  return JSON.parse(plain<string>(row, key)) as T
}

/** Columns of a callback; `withoutCode` has an empty string for it. */
export const CALLBACK_COLUMNS = columns(
  'callback_id, path, method, type, env, c_type, status, version, chat_id, limits, response_mode, created_at, updated_at, library',
)

export function toCallback(row: Row): Callback {
  return {
    callback_id: plain(row, 'callback_id'),
    path: plain(row, 'path'),
    method: plain(row, 'method'),
    type: plain(row, 'type'),
    code: text(row, 'code'),
    library: maybeText(row, 'library'),
    env: json(row, 'env'),
    c_type: plain(row, 'c_type'),
    status: plain(row, 'status'),
    version: plain(row, 'version'),
    chat_id: plain(row, 'chat_id'),
    limits: json(row, 'limits'),
    response_mode: plain(row, 'response_mode'),
    created_at: plain(row, 'created_at'),
    updated_at: plain(row, 'updated_at'),
  }
}

/** Columns of a deployment; `withoutCode` has an empty string for it. */
export const DEPLOYMENT_COLUMNS = columns(
  'callback_id, version, runtime, path, method, type, env, limits, response_mode, artifact, status, step, error, timings, owner, lease_until, created_at, finished_at, library',
)

export function toDeployment(row: Row): DeploymentRecord {
  return {
    callback_id: plain(row, 'callback_id'),
    version: plain(row, 'version'),
    runtime: plain(row, 'runtime'),
    path: plain(row, 'path'),
    method: plain(row, 'method'),
    type: plain(row, 'type'),
    code: text(row, 'code'),
    library: maybeText(row, 'library'),
    env: json(row, 'env'),
    limits: json(row, 'limits'),
    response_mode: plain(row, 'response_mode'),
    artifact: plain(row, 'artifact'),
    status: plain(row, 'status'),
    step: plain(row, 'step'),
    error: row.error === null ? null : json(row, 'error'),
    timings: json(row, 'timings'),
    owner: plain(row, 'owner'),
    lease_until: plain(row, 'lease_until'),
    created_at: plain(row, 'created_at'),
    finished_at: plain(row, 'finished_at'),
  }
}

export function toChatroom(row: Row): Chatroom {
  return {
    chatroom_id: plain(row, 'chatroom_id'),
    title: text(row, 'title'),
    callback_id: plain(row, 'callback_id'),
    created_at: plain(row, 'created_at'),
    updated_at: plain(row, 'updated_at'),
  }
}

export function toChat(row: Row): Chat {
  return {
    chat_id: plain(row, 'chat_id'),
    chatroom_id: plain(row, 'chatroom_id'),
    role: plain(row, 'role'),
    content: text(row, 'content'),
    created_at: plain(row, 'created_at'),
  }
}

export function toInvocation(row: Row): Invocation {
  return {
    request_id: text(row, 'request_id'),
    callback_id: plain(row, 'callback_id'),
    version: plain(row, 'version'),
    runtime: plain(row, 'runtime'),
    instance_id: plain(row, 'instance_id'),
    status: plain(row, 'status'),
    lambda_status_code: plain(row, 'lambda_status_code'),
    start: plain(row, 'start'),
    phases: json(row, 'phases'),
    peak_memory_mb: plain(row, 'peak_memory_mb'),
    outcome: plain(row, 'outcome'),
    error: maybeText(row, 'error'),
    time: plain(row, 'time'),
  }
}

export function toLogLine(row: Row): LogLine & { id: number } {
  return {
    id: plain(row, 'id'),
    callback_id: plain(row, 'callback_id'),
    version: plain(row, 'version'),
    instance_id: plain(row, 'instance_id'),
    request_id: maybeText(row, 'request_id'),
    level: plain(row, 'level'),
    time: plain(row, 'time'),
    message: text(row, 'message'),
  }
}

export function toExit(row: Row): InstanceExit {
  return {
    instance_id: plain(row, 'instance_id'),
    callback_id: plain(row, 'callback_id'),
    version: plain(row, 'version'),
    runtime: plain(row, 'runtime'),
    reason: plain(row, 'reason'),
    detail: text(row, 'detail'),
    limit: plain(row, 'limit'),
    used: plain(row, 'used'),
    cpu_ms: plain(row, 'cpu_ms'),
    peak_memory_mb: plain(row, 'peak_memory_mb'),
    last_request_id: maybeText(row, 'last_request_id'),
    requests: plain(row, 'requests'),
    started_at: plain(row, 'started_at'),
    ended_at: plain(row, 'ended_at'),
    last_logs: JSON.parse(text(row, 'last_logs')),
  }
}

function columns(names: string): { readonly all: string; readonly withoutCode: string } {
  return { all: `${names}, code`, withoutCode: `${names}, '' AS code` }
}
