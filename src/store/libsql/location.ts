import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import * as path from 'node:path'
import { StoreError } from '../store.ts'

/** What an address of a database means. `url` is the spelling that the client takes. */
export type Place =
  | { readonly kind: 'memory'; readonly url: string; readonly location: string }
  | { readonly kind: 'file'; readonly url: string; readonly location: string }
  | { readonly kind: 'server'; readonly url: string; readonly location: string }

/**
 * Reads the address of a database: `:memory:`, `file:PATH`, or a libSQL server's.
 * @throws StoreError for any other
 */
export function parsePlace(url: string): Place {
  if (url === ':memory:' || /^file::memory:($|\?)/.test(url)) {
    return { kind: 'memory', url, location: ':memory:' }
  }
  if (url.startsWith('file:')) {
    const location = path.resolve(filePath(url))
    return { kind: 'file', url: fileUrl(location), location }
  }
  if (/^(https?|libsql|wss?):\/\/./.test(url) && URL.canParse(url)) {
    return { kind: 'server', url, location: withoutSecrets(url) }
  }
  throw new StoreError(
    `Cannot open the database "${url}": it must be :memory:, file:PATH, or the http, https, libsql, ws or wss ` +
      'address of a libSQL server',
    'URL_INVALID',
  )
}

/**
 * Makes the folder and the file where they are missing. The database holds the functions' secrets, so both are
 * for this user alone; the client gives its side files the mode of the main one.
 */
export function prepareFile(location: string): void {
  const folder = path.dirname(location)
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (existsSync(location)) return
    closeSync(openSync(location, 'a', 0o600))
    chmodSync(location, 0o600)
  } catch (cause) {
    throw new StoreError(
      `Cannot open the database "${location}": its file cannot be made (${errorName(cause)}): ` +
        `check that "${folder}" is a folder that this user may write to`,
      'SQLITE_CANTOPEN',
      cause,
    )
  }
}

/** `file:relative`, `file:/absolute` and `file:///absolute`; a `#` or `?` is part of the name. */
function filePath(url: string): string {
  const rest = url.slice('file:'.length).replace(/^\/\/(localhost)?(?=\/)/, '')
  try {
    return decodeURIComponent(rest)
  } catch {
    return rest
  }
}

function fileUrl(location: string): string {
  return `file:${location.split(path.sep).map(encodeURIComponent).join('/')}`
}

function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`
}

function errorName(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
}
