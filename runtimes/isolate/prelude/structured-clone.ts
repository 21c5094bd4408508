import { Blob, blobBytes, blobOf, File } from './blob.ts'
import { need, toDictionary } from './convert.ts'
import { CryptoKey, cloneKey } from './crypto-key.ts'
import { expose } from './define.ts'
import { DOMException } from './dom-exception.ts'
import { cloneMessagesWith, detachPort, isDetachedPort, MessagePort } from './message-port.ts'

type Memory = Map<object, unknown>

const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}
const { isView } = ArrayBuffer
const keysOfTyped: () => unknown = Object.getPrototypeOf(Uint8Array.prototype).keys
const tagOfTyped = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!
const flagsOf = Object.getOwnPropertyDescriptor(RegExp.prototype, 'flags')!.get!

/** https://html.spec.whatwg.org/#dom-structuredclone, within one realm: straight from the value to its copy. */
export function cloneValue(value: unknown, transfer: readonly unknown[] = []): unknown {
  const memory: Memory = new Map()
  for (const item of transfer) checkTransferable(item, memory)
  const moved: ArrayBuffer[] = []
  for (const item of transfer) {
    if (item instanceof MessagePort) memory.set(item, detachPort(item))
    else {
      memory.set(item as ArrayBuffer, cloneBuffer(item as ArrayBuffer))
      moved.push(item as ArrayBuffer)
    }
  }
  const copy = clone(value, memory)
  // Only now: views lose their place when their buffer goes, and what fails has moved nothing.
  for (const buffer of moved) buffer.transfer()
  return copy
}

function checkTransferable(item: unknown, memory: Memory): void {
  const isBuffer = item instanceof ArrayBuffer
  if (!isBuffer && !(item instanceof MessagePort))
    throw uncloneable('A value in the transfer list cannot be transferred')
  if (isBuffer ? item.detached : isDetachedPort(item))
    throw uncloneable('A value in the transfer list was transferred before')
  if (memory.has(item)) throw uncloneable('A value stands twice in the transfer list')
  memory.set(item, undefined)
}

function clone(value: unknown, memory: Memory): unknown {
  if (typeof value === 'symbol') throw uncloneable('A symbol cannot be cloned')
  if (typeof value === 'function')
    throw uncloneable(`The function ${value.name || '(anonymous)'} cannot be cloned`)
  if (typeof value !== 'object' || value === null) return value
  if (memory.has(value)) return memory.get(value)
  const copy = cloneLeaf(value, memory)
  if (copy !== undefined) {
    memory.set(value, copy)
    return copy
  }
  if (value instanceof Map) {
    const map = new Map<unknown, unknown>()
    memory.set(value, map)
    for (const [key, item] of [...value]) map.set(clone(key, memory), clone(item, memory))
    return map
  }
  if (value instanceof Set) {
    const set = new Set<unknown>()
    memory.set(value, set)
    for (const item of [...value]) set.add(clone(item, memory))
    return set
  }
  if (value instanceof Error) return cloneError(value, memory)
  if (!Array.isArray(value)) refuseExotic(value)
  const target: Record<string, unknown> = Array.isArray(value) ? (new Array(value.length) as never) : {}
  memory.set(value, target)
  for (const key of Object.keys(value)) {
    // A getter that ran before may have taken this one away.
    if (!Object.hasOwn(value, key)) continue
    const item = clone((value as Record<string, unknown>)[key], memory)
    Object.defineProperty(target, key, { value: item, writable: true, enumerable: true, configurable: true })
  }
  return target
}

/** Copies of what has no parts; undefined for anything else. */
function cloneLeaf(value: object, memory: Memory): object | undefined {
  if (value instanceof Date) return new Date(Date.prototype.getTime.call(value))
  if (value instanceof RegExp) return new RegExp(value.source, flagsOf.call(value))
  if (
    value instanceof Boolean ||
    value instanceof Number ||
    value instanceof String ||
    value instanceof BigInt
  )
    return Object(value.valueOf())
  if (value instanceof ArrayBuffer) return cloneBuffer(value)
  if (typeof SharedArrayBuffer === 'function' && value instanceof SharedArrayBuffer)
    throw uncloneable('A SharedArrayBuffer cannot be shared from here')
  if (isView(value)) return cloneView(value, memory)
  if (value instanceof File)
    return new File([value], value.name, { type: value.type, lastModified: value.lastModified })
  if (value instanceof Blob) return blobOf(blobBytes(value), value.type)
  if (value instanceof CryptoKey) return cloneKey(value)
  if (value instanceof DOMException) {
    const copy = new DOMException(value.message, value.name)
    keepStack(copy, (value as unknown as Error).stack)
    return copy
  }
  return undefined
}

function cloneBuffer(buffer: ArrayBuffer): ArrayBuffer {
  if (buffer.detached) throw uncloneable('A buffer that was transferred cannot be cloned')
  if (!buffer.resizable) return buffer.slice(0)
  const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength })
  new Uint8Array(copy).set(new Uint8Array(buffer))
  return copy
}

function cloneView(view: ArrayBufferView, memory: Memory): ArrayBufferView {
  if (isOutOfBounds(view)) throw uncloneable('A view beyond the end of its buffer cannot be cloned')
  const buffer = clone(view.buffer, memory) as ArrayBuffer
  const name: string = tagOfTyped.call(view) ?? 'DataView'
  const type = (globalThis as unknown as Record<string, new (...args: unknown[]) => ArrayBufferView>)[name]!
  if (tracksLength(view)) return new type(buffer, view.byteOffset)
  const length = name === 'DataView' ? view.byteLength : (view as Uint8Array).length
  return new type(buffer, view.byteOffset, length)
}

/** Does the view grow with its buffer? Nothing says so: the buffer is made longer for a moment to see it. */
function tracksLength(view: ArrayBufferView): boolean {
  const { buffer, byteOffset, byteLength } = view
  if (!(buffer instanceof ArrayBuffer) || !buffer.resizable) return false
  const before = buffer.byteLength
  const item = (view as Uint8Array).BYTES_PER_ELEMENT ?? 1
  if (byteOffset + byteLength + item <= before) return false
  if (before + item > buffer.maxByteLength) return true
  buffer.resize(before + item)
  const grew = view.byteLength > byteLength
  buffer.resize(before)
  return grew
}

/** Its buffer shrank, or was transferred. */
function isOutOfBounds(view: ArrayBufferView): boolean {
  try {
    if (view instanceof DataView) void view.byteLength
    else keysOfTyped.call(view)
    return false
  } catch {
    return true
  }
}

function cloneError(error: Error, memory: Memory): Error {
  const name = Object.hasOwn(ERRORS, error.name) ? error.name : 'Error'
  const copy = Object.create(ERRORS[name]!.prototype) as Error
  const made = new ERRORS[name]!()
  Object.setPrototypeOf(made, Object.getPrototypeOf(copy))
  memory.set(error, made)
  const message = Object.getOwnPropertyDescriptor(error, 'message')
  if (message !== undefined && 'value' in message)
    Object.defineProperty(made, 'message', {
      value: String(message.value),
      writable: true,
      configurable: true,
    })
  if (Object.hasOwn(error, 'cause'))
    Object.defineProperty(made, 'cause', {
      value: clone(error.cause, memory),
      writable: true,
      configurable: true,
    })
  keepStack(made, error.stack)
  return made
}

function keepStack(target: object, stack: unknown): void {
  if (typeof stack === 'string')
    Object.defineProperty(target, 'stack', { value: stack, writable: true, configurable: true })
}

/** Objects whose inside a copy would not have. */
function refuseExotic(value: object): void {
  const refused =
    value instanceof Promise ||
    value instanceof WeakMap ||
    value instanceof WeakSet ||
    value instanceof WeakRef ||
    isPlatformObject(value)
  if (refused)
    throw uncloneable(`An object of class ${value.constructor?.name ?? 'unknown'} cannot be cloned`)
}

const PLATFORM = [
  'EventTarget',
  'Event',
  'Headers',
  'Request',
  'Response',
  'FormData',
  'URL',
  'URLSearchParams',
  'ReadableStream',
  'WritableStream',
  'TransformStream',
] as const
const platformClasses: (new () => object)[] = []

/** Called once all interfaces stand: their instances have an inside of their own. */
export function learnPlatformClasses(): void {
  for (const name of PLATFORM)
    platformClasses.push((globalThis as unknown as Record<string, new () => object>)[name]!)
}

function isPlatformObject(value: object): boolean {
  return platformClasses.some((one) => value instanceof one)
}

function uncloneable(message: string): DOMException {
  return new DOMException(message, 'DataCloneError')
}

const functions = {
  structuredClone(value: unknown, options: unknown = undefined): unknown {
    need(arguments.length, 1, 'structuredClone')
    const { transfer } = toDictionary(options, 'structuredClone')
    return cloneValue(value, transfer === undefined ? [] : [...(transfer as Iterable<unknown>)])
  },
}

expose('structuredClone', functions.structuredClone, true)

cloneMessagesWith(cloneValue)
