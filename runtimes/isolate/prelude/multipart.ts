import { concat, utf8 } from '../../javascript/bytes.ts'
import { blobBytes, File } from './blob.ts'
import { entriesOf, FormData } from './form-data.ts'
import { randomHex } from './random.ts'
import { URLSearchParams } from './url.ts'

type Bytes = Uint8Array<ArrayBuffer>

const { TextDecoder } = globalThis
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const CR = 13
const LF = 10
const DASH = 45

/** https://html.spec.whatwg.org/#multipart-form-data */
export function serialiseFormData(data: FormData): { bytes: Bytes; type: string } {
  const boundary = `----form-data-${randomHex(12)}`
  const pieces: Uint8Array[] = []
  for (const [name, value] of entriesOf(data)) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(lineEnds(name))}"`
    if (typeof value === 'string') pieces.push(utf8(`${head}\r\n\r\n${lineEnds(value)}\r\n`))
    else {
      const type = value.type || 'application/octet-stream'
      pieces.push(utf8(`${head}; filename="${escapeName(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`))
      pieces.push(blobBytes(value), utf8('\r\n'))
    }
  }
  pieces.push(utf8(`--${boundary}--\r\n`))
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0)
  return { bytes: concat(pieces, total), type: `multipart/form-data; boundary=${boundary}` }
}

/** Reads a body as its content type says. @throws TypeError when it is no form, or a broken one */
export function parseFormData(bytes: Bytes, contentType: string): FormData {
  const essence = contentType.split(';', 1)[0]!.trim().toLowerCase()
  if (essence === 'application/x-www-form-urlencoded') {
    const data = new FormData()
    for (const [name, value] of new URLSearchParams(decoder.decode(bytes))) data.append(name, value)
    return data
  }
  if (essence !== 'multipart/form-data')
    throw new TypeError(`The body cannot be read as a form: its content type is "${contentType}"`)
  const boundary = parameter(contentType.slice(contentType.indexOf(';') + 1), 'boundary')
  if (boundary === null || boundary === '' || boundary.length > 70)
    throw new TypeError('The body cannot be read as a form: its content type names no boundary')
  return parseMultipart(bytes, utf8(`--${boundary}`))
}

function parseMultipart(bytes: Bytes, delimiter: Bytes): FormData {
  const data = new FormData()
  let at = find(bytes, delimiter, 0)
  if (at === -1) throw broken('it has no part')
  for (;;) {
    at += delimiter.length
    if (bytes[at] === DASH && bytes[at + 1] === DASH) return data
    at = skipLineEnd(bytes, at)
    const headers = new Map<string, string>()
    for (let end = lineEnd(bytes, at); end !== at; end = lineEnd(bytes, at)) {
      const line = decoder.decode(bytes.subarray(at, end))
      const colon = line.indexOf(':')
      if (colon === -1) throw broken('a part has a malformed header')
      headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
      at = skipLineEnd(bytes, end)
    }
    at = skipLineEnd(bytes, at)
    const next = find(bytes, delimiter, at)
    if (next < at + 2 || bytes[next - 2] !== CR || bytes[next - 1] !== LF) throw broken('a part does not end')
    addPart(data, headers, bytes.subarray(at, next - 2))
    at = next
  }
}

function addPart(data: FormData, headers: Map<string, string>, content: Bytes): void {
  const disposition = headers.get('content-disposition') ?? ''
  const name = parameter(disposition, 'name')
  if (!/^form-data\b/i.test(disposition) || name === null) throw broken('a part has no name')
  const filename = parameter(disposition, 'filename')
  if (filename === null) data.append(unescapeName(name), decoder.decode(content))
  else {
    const type = headers.get('content-type') ?? 'text/plain'
    data.append(unescapeName(name), new File([content], unescapeName(filename), { type }))
  }
}

/** A parameter of a header value, quoted or not. */
function parameter(text: string, name: string): string | null {
  const pattern = /(?:^|[;\s])([A-Za-z-]+)=(?:"([^"]*)"|([^;\s]*))/g
  for (const match of text.matchAll(pattern)) {
    if (match[1]!.toLowerCase() === name) return match[2] ?? match[3]!
  }
  return null
}

function find(bytes: Bytes, wanted: Bytes, from: number): number {
  const first = wanted[0]!
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    let index = 1
    while (index < wanted.length && bytes[at + index] === wanted[index]) index++
    if (index === wanted.length && (at === 0 || bytes[at - 1] === LF)) return at
  }
  return -1
}

function lineEnd(bytes: Bytes, from: number): number {
  for (let at = bytes.indexOf(CR, from); at !== -1; at = bytes.indexOf(CR, at + 1)) {
    if (bytes[at + 1] === LF) return at
  }
  throw broken('a line does not end')
}

function skipLineEnd(bytes: Bytes, at: number): number {
  let from = at
  // Padding after a delimiter is allowed.
  while (bytes[from] === 32 || bytes[from] === 9) from++
  if (bytes[from] !== CR || bytes[from + 1] !== LF) throw broken('a line does not end where it should')
  return from + 2
}

function lineEnds(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n')
}

function escapeName(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22')
}

function unescapeName(name: string): string {
  return name.replace(/%0d/gi, '\r').replace(/%0a/gi, '\n').replaceAll('%22', '"')
}

function broken(why: string): TypeError {
  return new TypeError(`The body cannot be read as a form: ${why}`)
}
