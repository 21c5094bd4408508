import { utf8 } from '../../javascript/bytes.ts'
import type { IncomingBody } from '../../javascript/incoming-body.ts'
import { extractMimeType, serialiseMimeType } from '../../javascript/mime-type.ts'
import type { AbortSignal } from './abort.ts'
import { Blob, blobBytes, blobOf } from './blob.ts'
import { abortable, isTaken, readToEnd } from './body-stream.ts'
import { teeForClone } from './body-tee.ts'
import { toUSVString } from './convert.ts'
import { FormData } from './form-data.ts'
import { parseFormData, serialiseFormData } from './multipart.ts'
import { isDisturbed, ReadableStream, streamOf } from './streams.ts'
import { URLSearchParams } from './url.ts'
import { decodeUtf8 } from './utf8.ts'

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
  /** That of the fetch which brought this body: once it is aborted nothing of the body is given out. */
  signal: AbortSignal | null
}

const PromiseClass = Promise
const apply = Reflect.apply
const then = Promise.prototype.then
const parse = JSON.parse
const { getReader } = ReadableStream.prototype
const { cancel } = globalThis.ReadableStreamDefaultReader.prototype
const NONE = new Uint8Array(0)

export function makeBody(source: Body['source'], signal: AbortSignal | null = null): Body {
  return { source, stream: null, used: false, signal }
}

/** https://fetch.spec.whatwg.org/#concept-bodyinit-extract @returns the body and its content type, where it has one */
export function extractBody(init: unknown): [Body, string | null] {
  if (typeof init === 'string') return [makeBody(init.toWellFormed()), 'text/plain;charset=UTF-8']
  if (init instanceof ReadableStream) {
    const stream = init as ReadableStream<Bytes>
    if (isTaken(stream)) throw new TypeError('The stream is locked or was read already')
    return [{ ...makeBody(null), stream }, null]
  }
  if (ArrayBuffer.isView(init))
    return [makeBody(new Uint8Array(init.buffer, init.byteOffset, init.byteLength).slice() as Bytes), null]
  if (init instanceof ArrayBuffer) return [makeBody(new Uint8Array(init).slice()), null]
  if (init instanceof Blob) return [makeBody(blobBytes(init)), init.type === '' ? null : init.type]
  if (init instanceof URLSearchParams)
    return [makeBody(init.toString()), 'application/x-www-form-urlencoded;charset=UTF-8']
  if (init instanceof FormData) {
    const { bytes, type } = serialiseFormData(init)
    return [makeBody(bytes), type]
  }
  return [makeBody(toUSVString(init)), 'text/plain;charset=UTF-8']
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
  const { source, signal } = body
  if (body.used) {
    // Its bytes were taken without it: for everyone who looks, a reader holds it and has read it to the end.
    body.stream = streamOf(NONE)
    void apply(cancel, apply(getReader, body.stream, []), [])
  } else {
    let stream: ReadableStream<Bytes>
    if (source === null || typeof source === 'string') stream = streamOf(utf8(source ?? ''))
    else stream = source instanceof Uint8Array ? streamOf(source) : source.stream()
    body.stream = signal === null ? stream : abortable(stream, signal)
  }
  body.source = null
  return body.stream
}

/** Two bodies of one. */
export function cloneBody(body: Body): Body {
  const { source, signal } = body
  if (typeof source === 'string' || source instanceof Uint8Array) return makeBody(source, signal)
  const [mine, copy] = teeForClone(bodyStream(body))
  body.stream = mine
  return { ...makeBody(null), stream: copy }
}

/** What a body is read as. */
type Convert = (taken: Bytes | string, ours: boolean, holder: HasBody) => unknown

const asBytes = (taken: Bytes | string, ours: boolean): Bytes => {
  if (typeof taken === 'string') return utf8(taken)
  return ours && taken.byteLength === taken.buffer.byteLength ? taken : taken.slice()
}
const asText = (taken: Bytes | string): string =>
  typeof taken === 'string' ? withoutMark(taken) : decodeUtf8(taken)

const CONVERSIONS: Readonly<Record<string, Convert>> = {
  arrayBuffer: (taken, ours) => asBytes(taken, ours).buffer,
  blob: (taken, ours, holder) => {
    const type = extractMimeType(holder.type())
    return blobOf(asBytes(taken, ours), type === null ? '' : serialiseMimeType(type))
  },
  bytes: asBytes,
  formData: (taken, ours, holder) => parseFormData(asBytes(taken, ours), holder.type() ?? ''),
  json: (taken) => parse(asText(taken)),
  text: asText,
}

/**
 * Reads the whole body. Results go straight from step to step, without promises in between: those would look for a
 * `then` on what they are resolved with, and cost turns.
 */
function consume(holder: HasBody, convert: Convert, resolve: (value: unknown) => void, reject: Reject): void {
  const { body } = holder
  const done = (taken: Bytes | string, ours: boolean) => {
    try {
      resolve(convert(taken, ours, holder))
    } catch (error) {
      reject(error)
    }
  }
  if (body === null) {
    done('', true)
    return
  }
  if (body.signal?.aborted) throw body.signal.reason
  if (isUnusable(body)) throw new TypeError('The body was read already, or is locked by a reader')
  const { source, stream } = body
  if (stream !== null) {
    readToEnd(stream, (bytes) => done(bytes, true), reject)
    return
  }
  body.used = true
  if (source === null) done('', true)
  else if (typeof source === 'string' || source instanceof Uint8Array) done(source, false)
  else if (source.whole !== null) done(source.whole as Bytes, true)
  else apply(then, source.collect(), [(bytes: Bytes) => done(bytes, true), reject])
}

type Reject = (error: unknown) => void

function withoutMark(taken: string): string {
  return taken.charCodeAt(0) === 0xfeff ? taken.slice(1) : taken
}

interface HasBody {
  body: Body | null
  /** The content type, read when it is needed. */
  type(): string | null
}

/** Members that Request and Response share. `read` finds the state of the object that a method is called on. */
export function bodyMembers(prototype: object, read: (holder: unknown) => HasBody): void {
  const getters = {
    get body(): ReadableStream<Bytes> | null {
      const { body } = read(this)
      return body === null ? null : bodyStream(body)
    },
    get bodyUsed(): boolean {
      return isUsed(read(this).body)
    },
  }
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(getters))
  for (const [name, convert] of Object.entries(CONVERSIONS)) {
    const methods = {
      [name](this: unknown): Promise<unknown> {
        return new PromiseClass((resolve, reject) => consume(read(this), convert, resolve, reject))
      },
    }
    Object.defineProperty(prototype, name, {
      value: methods[name],
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
}
