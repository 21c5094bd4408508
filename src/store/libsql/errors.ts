import { StoreError } from '../store.ts'

export type Action = 'open' | 'read' | 'write to'

/** Says what went wrong in a sentence: the raw message may hold data or a token, so it is never part of one. */
export function storeError(action: Action, location: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  const code = codeOf(cause)
  return new StoreError(`Cannot ${action} the database "${location}": ${reason(code, cause)}`, code, cause)
}

/** Another connection holds the lock; the very same statements may succeed a moment later. */
export function isBusy(cause: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(cause))
}

/** The server does not send answers of that size; asking for fewer rows helps. */
export function isTooLarge(cause: unknown): boolean {
  return cause instanceof StoreError && cause.code === 'RESPONSE_TOO_LARGE'
}

const REASONS: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'another process holds its lock for too long: end that process or try again',
  SQLITE_LOCKED: 'another process holds its lock for too long: end that process or try again',
  SQLITE_FULL: 'the disk is full: free some space',
  SQLITE_IOERR: 'the disk failed or is full: see the log of the operating system',
  SQLITE_READONLY: 'the file or its folder is read-only: allow writing for this user',
  SQLITE_CANTOPEN: 'the file cannot be opened: check that its folder exists and is readable for this user',
  SQLITE_PERM: 'access is denied: allow it for this user',
  SQLITE_CORRUPT: 'the file is damaged: restore a backup',
  SQLITE_NOTADB: 'the file is not a database: name another file or move this one away',
  SQLITE_NOMEM: 'there is not enough memory',
  SQLITE_TOOBIG: 'a value is larger than the database takes',
  SQLITE_CONSTRAINT: 'a rule of its schema forbids it: a row that is named does not exist or exists already',
  ARGS_INVALID: 'a value was refused: it may be larger than the server takes',
  RESPONSE_TOO_LARGE: 'the answer is larger than the server sends: raise its largest response size',
  CLIENT_CLOSED: 'it is closed',
  URL_INVALID: 'the address is malformed',
  URL_SCHEME_NOT_SUPPORTED: 'the address is of no known kind',
  URL_PARAM_NOT_SUPPORTED: 'the address has an unknown query parameter: remove it',
}

function reason(code: string, cause: unknown): string {
  const known = REASONS[code]
  if (known !== undefined) return known
  if (code === 'SERVER_ERROR') return serverReason(messageOf(cause))
  if (code.startsWith('HRANA_') || code === 'UNKNOWN' || cause instanceof TypeError) {
    return 'the server cannot be reached: check the address and that the server runs'
  }
  return code === '' ? 'it failed for an unknown reason' : `it failed with ${code}`
}

function serverReason(message: string): string {
  const status = /HTTP status (\d{3})/.exec(message)?.[1] ?? 'an error'
  if (status === '401' || status === '403') {
    return `the server answered ${status}: the token is missing, wrong or has expired`
  }
  return `the server answered ${status}: see its log`
}

function codeOf(cause: unknown): string {
  if (cause === null || typeof cause !== 'object' || !('code' in cause)) return ''
  return typeof cause.code === 'string' ? cause.code : ''
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : ''
}
