import { concat, utf8 } from '../../javascript/bytes.ts'
import type { IncomingBody } from '../../javascript/incoming-body.ts'
import { Blob, blobBytes, blobOf } from './blob.ts'
import { toUSVString } from './convert.ts'
import { FormData } from './form-data.ts'
import { parseFormData, serialiseFormData } from './multipart.ts'
import { isDisturbed, ReadableStream, streamOf } from './streams.ts'
import { URLSearchParams } from './url.ts'

type Bytes = Uint8Array<ArrayBuffer>

/**
 * A body. Most are never looked at as a stream: what they were made of is kept, and a stream is made only
 * for those who ask for it; from then on the stream is the body.
 */
export interface Body {
  /** Text and bytes stand for themselves; a stream is in `stream`. */
  source: string | Bytes | IncomingBody | null
  stream: ReadableStream<Bytes> | null
  used: boolean
}

const { TextDecoder } = globalThis
const decoder = new TextDecoder()
const parse = JSON.parse

/** https://fetch.spec.whatwg.org/#concept-bodyinit-extract @returns the body and its content type, where it has one */
export function extractBody(init: unknown): [Body, string | null] {
  if (typeof init === 'string') return [textBody(init.toWellFormed()), 'text/plain;charset=UTF-8']
  if (init instanceof ReadableStream) {
    const stream = init as ReadableStream<Bytes>
    if (stream.locked || isDisturbed(stream)) throw new TypeError('The stream is locked or was read already')
    return [{ source: null, stream, used: false }, null]
  }
  if (ArrayBuffer.isView(init))
    return [textBody(new Uint8Array(init.buffer, init.byteOffset, init.byteLength).slice() as Bytes), null]
  if (init instanceof ArrayBuffer) return [textBody(new Uint8Array(init).slice()), null]
  if (init instanceof Blob) return [textBody(blobBytes(init)), init.type === '' ? null : init.type]
  if (init instanceof URLSearchParams)
    return [textBody(init.toString()), 'application/x-www-form-urlencoded;charset=UTF-8']
  if (init instanceof FormData) {
    const { bytes, type } = serialiseFormData(init)
    return [textBody(bytes), type]
  }
  return [textBody(toUSVString(init)), 'text/plain;charset=UTF-8']
}

function textBody(source: string | Bytes): Body {
  return { source, stream: null, used: false }
}

export function isUsed(body: Body | null): boolean {
  if (body === null) return false
  return body.used || (body.stream !== null && isDisturbed(body.stream))
}

/** Used, or someone holds a reader of it. */
export function isUnusable(body: Body | null): boolean {
  return body !== null && (isUsed(body) || (body.stream?.locked ?? false))
}

/** The body as a stream; made on first use, and the same one from then on. */
export function bodyStream(body: Body): ReadableStream<Bytes> {
  if (body.stream !== null) return body.stream
  const { source } = body
  if (source === null || typeof source === 'string') body.stream = streamOf(utf8(source ?? ''))
  else body.stream = source instanceof Uint8Array ? streamOf(source) : source.stream()
  body.source = null
  if (body.used) {
    // Its bytes were taken without it: for everyone who looks, a reader holds it and has read it to the end.
    void body.stream.getReader().cancel()
  }
  return body.stream
}

/** Two bodies of one. */
export function cloneBody(body: Body): Body {
  const { source } = body
  if (source !== null && (typeof source === 'string' || source instanceof Uint8Array))
    return { source, stream: null, used: false }
  const [mine, copy] = bodyStream(body).tee()
  body.stream = mine
  return { source: null, stream: copy, used: false }
}

/** Takes the whole body; text that was given as text stays text. */
function take(body: Body | null): Bytes | string | Promise<Bytes> {
  if (body === null) return ''
  if (isUnusable(body)) throw new TypeError('The body was read already, or is locked by a reader')
  const { source, stream } = body
  if (stream !== null) return readAll(stream)
  body.used = true
  if (source === null) return ''
  if (typeof source === 'string' || source instanceof Uint8Array) return source
  return (source.whole as Bytes | null) ?? (source.collect() as Promise<Bytes>)
}

async function readAll(stream: ReadableStream<Bytes>): Promise<Bytes> {
  const reader = stream.getReader()
  const pieces: Bytes[] = []
  let total = 0
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    if (!(step.value instanceof Uint8Array)) {
      const error = new TypeError('A piece of a body must be a Uint8Array')
      reader.cancel(error).catch(() => {})
      throw error
    }
    pieces.push(step.value)
    total += step.value.length
  }
  return concat(pieces, total)
}

async function text(body: Body | null): Promise<string> {
  const taken = await take(body)
  return typeof taken === 'string' ? withoutMark(taken) : decoder.decode(taken)
}

async function bytes(body: Body | null): Promise<Bytes> {
  const taken = await take(body)
  // Bytes that came inline or were given by the author are kept; the taker may do with these as he likes.
  return typeof taken === 'string' ? utf8(taken) : taken.slice()
}

function withoutMark(taken: string): string {
  return taken.charCodeAt(0) === 0xfeff ? taken.slice(1) : taken
}

interface HasBody {
  body: Body | null
  /** The content type, read when it is needed. */
  type(): string
}

/** Members that Request and Response share. `read` finds the state of the object that a method is called on. */
export function bodyMembers(prototype: object, read: (holder: unknown) => HasBody): void {
  const getters = {
    body(this: unknown): ReadableStream<Bytes> | null {
      const { body } = read(this)
      return body === null ? null : bodyStream(body)
    },
    bodyUsed(this: unknown): boolean {
      return isUsed(read(this).body)
    },
  }
  const methods = {
    async arrayBuffer(): Promise<ArrayBuffer> {
      return (await bytes(read(this).body)).buffer
    },
    async blob(): Promise<Blob> {
      const state = read(this)
      return blobOf(await bytes(state.body), state.type())
    },
    async bytes(): Promise<Bytes> {
      return bytes(read(this).body)
    },
    async formData(): Promise<FormData> {
      const state = read(this)
      const type = state.type()
      return parseFormData(await bytes(state.body), type)
    },
    async json(): Promise<unknown> {
      return parse(await text(read(this).body))
    },
    async text(): Promise<string> {
      return text(read(this).body)
    },
  }
  for (const [name, get] of Object.entries(getters))
    Object.defineProperty(prototype, name, { get, enumerable: true, configurable: true })
  for (const [name, value] of Object.entries(methods))
    Object.defineProperty(prototype, name, { value, writable: true, enumerable: true, configurable: true })
}
