import { deeperLoop, LOOP_HEADER } from '../domain/loop.ts'

/**
 * Headers that belong to one connection or that say how a message is framed: the gateway's own. `host` is always
 * that of the address, so that who may reach one site does not get at another behind the same server.
 */
const OWN = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  LOOP_HEADER,
])
/** Bytes of names and values together. */
const MAX_HEADERS = 65_536

/**
 * What a request is sent with, name and value in turn: the function's headers, those that fetch adds, and the
 * depth of the call.
 * @throws TypeError when they are too large
 */
export function requestHeaders(headers: Headers, depth: number): string[] {
  const list: string[] = []
  let size = 0
  for (const [name, value] of headers) {
    if (OWN.has(name)) continue
    size += name.length + value.length
    list.push(name, value)
  }
  const loop = deeperLoop(headers.get(LOOP_HEADER), depth)
  if (size + loop.length > MAX_HEADERS)
    throw new TypeError(`its headers have ${size + loop.length} bytes, at most ${MAX_HEADERS} are sent`)
  list.push(LOOP_HEADER, loop)
  if (!headers.has('accept')) list.push('accept', '*/*')
  if (!headers.has('user-agent')) list.push('user-agent', 'faas-gateway')
  // A part of an encoded body could not be decoded.
  if (!headers.has('accept-encoding'))
    list.push('accept-encoding', headers.has('range') ? 'identity' : 'gzip, deflate, br')
  return list
}

/** The length that a body is known to have; null: it is sent in chunks. */
export function bodyLength(headers: Headers): number | null {
  const text = headers.get('content-length')
  if (text === null || !/^\d{1,15}$/.test(text)) return null
  return Number(text)
}
