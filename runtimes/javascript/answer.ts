import { fromBase64 } from './base64.ts'
import type { Platform } from './platform.ts'

export type HeaderList = [string, string][]
export type OutgoingBody = string | Uint8Array | ReadableStream<Uint8Array> | null

/** What goes out for a call, whatever the handler returned. */
export interface Answer {
  status: number
  headers: HeaderList
  body: OutgoingBody
}

/** The handler answered with something that HTTP cannot carry. */
export class Unsendable extends Error {
  override readonly name = 'Unsendable'
}

const JSON_TYPE = 'application/json'
const TEXT_TYPE = 'text/plain;charset=UTF-8'
const BYTES_TYPE = 'application/octet-stream'
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

const stringify = JSON.stringify
const MAX_HEADERS = 1000
const MAX_HEADER_TEXT = 65_536

/** Turns what a handler returned into an answer. @throws Unsendable */
export function toAnswer(value: unknown, platform: Platform): Answer {
  const response = platform.answer(value)
  if (response !== null) {
    checkSize(response.headers)
    return response
  }
  if (value === null || value === undefined) return { status: 204, headers: [], body: null }
  if (isProxyAnswer(value)) return proxyAnswer(value)
  return { status: 200, headers: [['content-type', JSON_TYPE]], body: json(value, 'The answer') }
}

interface ProxyAnswer {
  statusCode: number
  headers?: unknown
  multiValueHeaders?: unknown
  cookies?: unknown
  body?: unknown
  isBase64Encoded?: unknown
}

function isProxyAnswer(value: unknown): value is ProxyAnswer {
  return typeof value === 'object' && value !== null && Number.isInteger((value as ProxyAnswer).statusCode)
}

function proxyAnswer(value: ProxyAnswer): Answer {
  const { statusCode } = value
  if (statusCode < 200 || statusCode > 599)
    throw new Unsendable(
      `Cannot send the answer: its statusCode is ${statusCode}, it must be a final HTTP status, 200 to 599`,
    )
  const headers: HeaderList = []
  addHeaders(headers, value.headers, 'headers')
  addHeaders(headers, value.multiValueHeaders, 'multiValueHeaders')
  addCookies(headers, value.cookies)
  checkSize(headers)
  const [body, type] = proxyBody(value)
  if (body !== null && !headers.some(([name]) => name.toLowerCase() === 'content-type'))
    headers.push(['content-type', type])
  return { status: statusCode, headers, body }
}

/** Clients and proxies take far less; the gateway does not carry more. */
function checkSize(headers: HeaderList): void {
  let size = 0
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index]!
    size += header[0].length + header[1].length
  }
  if (headers.length <= MAX_HEADERS && size <= MAX_HEADER_TEXT) return
  throw new Unsendable(
    `Cannot send the answer: it has ${headers.length} headers with ${size} characters, at most ${MAX_HEADERS} with ${MAX_HEADER_TEXT} can be sent`,
  )
}

function proxyBody(value: ProxyAnswer): [string | Uint8Array | null, string] {
  const { body } = value
  if (body === null || body === undefined) return [null, '']
  if (value.isBase64Encoded === true) {
    const bytes = typeof body === 'string' ? fromBase64(body) : null
    if (bytes === null)
      throw new Unsendable(
        `Cannot send the answer: isBase64Encoded is true and its body is ${typeof body === 'string' ? 'not base64' : `of type ${typeof body}`}`,
      )
    return [bytes, BYTES_TYPE]
  }
  if (typeof body === 'string') return [body, TEXT_TYPE]
  const bytes = toBytes(body)
  if (bytes !== null) return [bytes, BYTES_TYPE]
  return [json(body, 'The body of the answer'), JSON_TYPE]
}

function toBytes(body: unknown): Uint8Array | null {
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  return body instanceof ArrayBuffer ? new Uint8Array(body) : null
}

function addHeaders(list: HeaderList, source: unknown, field: string): void {
  if (source === null || source === undefined) return
  if (typeof source !== 'object' || Array.isArray(source))
    throw new Unsendable(
      `Cannot send the answer: its ${field} must be an object, it is ${Array.isArray(source) ? 'an array' : `of type ${typeof source}`}`,
    )
  for (const [name, value] of Object.entries(source)) {
    if (value === undefined) continue
    if (list.length > MAX_HEADERS) return
    if (field === 'headers') list.push([name, headerValue(name, value)])
    else if (Array.isArray(value)) for (const one of value) list.push([name, headerValue(name, one)])
    else
      throw new Unsendable(
        `Cannot send the answer: the values of "${name}" in its multiValueHeaders must be an array`,
      )
    if (!TOKEN.test(name))
      throw new Unsendable(`Cannot send the answer: "${name}" in its ${field} is not a header name`)
  }
}

function headerValue(name: string, value: unknown): string {
  const type = typeof value
  if (type !== 'string' && type !== 'number' && type !== 'boolean')
    throw new Unsendable(
      `Cannot send the answer: the header "${name}" must be a string, a number or a boolean, it is ${value === null ? 'null' : Array.isArray(value) ? 'an array' : `of type ${type}`}`,
    )
  const text = String(value).trim()
  if (!FIELD_VALUE.test(text))
    throw new Unsendable(
      `Cannot send the answer: the value of the header "${name}" has characters that a header cannot carry`,
    )
  return text
}

function addCookies(list: HeaderList, cookies: unknown): void {
  if (cookies === null || cookies === undefined) return
  if (!Array.isArray(cookies) || cookies.some((cookie) => typeof cookie !== 'string'))
    throw new Unsendable('Cannot send the answer: its cookies must be an array of strings')
  for (const cookie of cookies) list.push(['set-cookie', headerValue('set-cookie', cookie)])
}

function json(value: unknown, what: string): string {
  let text: string | undefined
  try {
    text = stringify(value)
  } catch (error) {
    throw new Unsendable(`${what} cannot be written as JSON: ${reasonOf(error)}`)
  }
  if (text === undefined) throw new Unsendable(`${what} cannot be written as JSON: it is a ${typeof value}`)
  return text
}

function reasonOf(error: unknown): string {
  // V8 draws the path of a cycle over several lines; the first one says it.
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n', 1)[0]!
}
