// V8 takes the memory of WebAssembly and of resizable buffers past the allocator that limits the isolate. For each
// such byte this holds a byte of ballast from that allocator, so that all memory counts against the one limit.
// Ballast is never touched: it takes addresses, and no memory.

type Method = (this: object, ...args: unknown[]) => unknown
type Constructor = new (...args: never[]) => object

const PAGE = 65_536
const MAX_PAGES = 65_536

/** Ballast of one owner, the newest piece first. */
interface Held {
  readonly bytes: number
  readonly buffer: ArrayBuffer
  readonly rest: Held | null
}

const { apply, construct, getOwnPropertyDescriptor, defineProperty } = Reflect
const { keys } = Object
const { trunc } = Math
const { isInteger } = Number
const { get, set } = WeakMap.prototype
const { deref } = WeakRef.prototype
const { isPrototypeOf: leads } = Object.prototype
const Plain = ArrayBuffer
const Weak = WeakRef
const lengthOf = getter(ArrayBuffer.prototype, 'byteLength')
const isResizable = getter(ArrayBuffer.prototype, 'resizable')

const ballast = new WeakMap<object, Held>()
/** A memory of WebAssembly grows by itself as well: these are looked at after every entry. */
const memories: WeakRef<object>[] = []
let measure: (memory: object) => number = () => 0

/** Holds as much ballast as the owner has memory. @throws RangeError when that is beyond the limit */
function charge(owner: object, bytes: number): Held | null {
  const held = (apply(get, ballast, [owner]) as Held | undefined) ?? null
  const before = held?.bytes ?? 0
  if (bytes === before) return held
  const grows = bytes > before
  const buffer = new Plain(grows ? bytes - before : bytes)
  const now: Held = { bytes, buffer, rest: grows ? held : null }
  apply(set, ballast, [owner, now])
  return now
}

/**
 * Looks at what grew from within WebAssembly.
 * @returns false when there is more of it than the limit allows
 */
export function settleMemories(): boolean {
  if (memories.length === 0) return true
  let fits = true
  let live = 0
  for (let index = 0; index < memories.length; index++) {
    const reference = memories[index]!
    const memory = apply(deref, reference, []) as object | undefined
    if (memory === undefined) continue
    memories[live++] = reference
    try {
      charge(memory, measure(memory))
    } catch {
      fits = false
    }
  }
  memories.length = live
  return fits
}

/** Called when the isolate is live: a snapshot has neither WebAssembly nor shared buffers. */
export function keepAccounts(): void {
  chargeBuffers(ArrayBuffer, 'resize', isResizable, lengthOf)
  const shared = (globalThis as { SharedArrayBuffer?: Constructor }).SharedArrayBuffer
  if (shared !== undefined)
    chargeBuffers(
      shared,
      'grow',
      getter(shared.prototype, 'growable'),
      getter(shared.prototype, 'byteLength'),
    )
  const wasm = (globalThis as unknown as { WebAssembly?: Record<string, Constructor> }).WebAssembly
  if (wasm !== undefined) chargeWebAssembly(wasm)
}

/** Buffers that can change their size. The others come from the allocator that limits the isolate. */
function chargeBuffers(type: Constructor, growName: string, can: Method, length: Method): void {
  const settle = (buffer: object) => {
    if (apply(can, buffer, []) === true) charge(buffer, apply(length, buffer, []) as number)
  }
  const wrapped = wrap(type, (made, args) => {
    if (args.length > 1) settle(made)
  })
  defineProperty(globalThis, type.name, {
    ...getOwnPropertyDescriptor(globalThis, type.name),
    value: wrapped,
  })
  replace(type.prototype, growName, (original) => [
    function (this: object, size: unknown) {
      const bytes = Number(size)
      // What is no growth, or no such buffer, is for the original to refuse.
      if (apply(can, this, []) === true && bytes > (apply(length, this, []) as number))
        charge(this, trunc(bytes))
      try {
        return apply(original, this, [bytes])
      } finally {
        settle(this)
      }
    },
  ])
  replace(type.prototype, 'transfer', (original) => [
    function (this: object, ...args: unknown[]) {
      const moved = apply(original, this, args) as object
      settle(moved)
      return moved
    },
  ])
}

function chargeWebAssembly(wasm: Record<string, Constructor>): void {
  const { Memory, Instance } = wasm
  if (Memory === undefined || Instance === undefined) return
  const bufferOf = getter(Memory.prototype, 'buffer')
  const exportsOf = getter(Instance.prototype, 'exports')
  const sharedLengthOf = getter(SharedArrayBuffer.prototype, 'byteLength')
  const sizeOf = (buffer: object): number => {
    const of = apply(leads, Plain.prototype, [buffer]) ? lengthOf : sharedLengthOf
    return apply(of, buffer, []) as number
  }
  measure = (memory) => sizeOf(apply(bufferOf, memory, []) as object)
  const register = (memory: object) => {
    if (apply(get, ballast, [memory]) !== undefined) return
    memories[memories.length] = new Weak(memory)
    charge(memory, measure(memory))
  }

  const registerExports = (instance: object) => {
    const exported = apply(exportsOf, instance, []) as Record<string, unknown>
    const names = keys(exported)
    for (let index = 0; index < names.length; index++) {
      const value = exported[names[index]!]
      if (apply(leads, Memory.prototype, [value])) register(value as object)
    }
  }
  for (const [name, type, settle] of [
    ['Memory', Memory, register],
    ['Instance', Instance, registerExports],
  ] as const)
    defineProperty(wasm, name, { ...getOwnPropertyDescriptor(wasm, name), value: wrap(type, settle) })

  replace(Memory.prototype, 'grow', (original) => [
    function (this: object, delta: unknown) {
      const size = measure(this)
      // Anything but a plain number of pages is for the original to convert, once, and to refuse; what it made of that is
      // seen after it.
      const pages = typeof delta === 'bigint' ? Number(delta) : delta
      if (isInteger(pages) && (pages as number) > 0 && (pages as number) <= MAX_PAGES)
        charge(this, size + (pages as number) * PAGE)
      try {
        return apply(original, this, [delta])
      } finally {
        charge(this, measure(this))
      }
    },
  ])
  // Whoever keeps the buffer alone keeps the memory behind it.
  const { get: buffer } = {
    get(this: object): object {
      const found = apply(bufferOf, this, []) as object
      if (apply(get, ballast, [found]) === undefined) {
        const held = charge(this, sizeOf(found))
        if (held !== null) apply(set, ballast, [found, held])
      }
      return found
    },
  }
  describe(buffer, 'get buffer', 0)
  defineProperty(Memory.prototype, 'buffer', {
    ...getOwnPropertyDescriptor(Memory.prototype, 'buffer'),
    get: buffer,
  })
}

/** The constructor as it was, but that it settles for what it makes. */
function wrap(original: Constructor, settle: (made: object, args: unknown[]) => void): Constructor {
  const wrapped = new Proxy(original, {
    construct(target, args, newTarget) {
      const made = construct(target, args, newTarget) as object
      settle(made, args)
      return made
    },
  })
  const own = getOwnPropertyDescriptor(original.prototype, 'constructor')
  defineProperty(original.prototype, 'constructor', { ...own, value: wrapped })
  return wrapped
}

/** @param make the method in its place, in an array so that it stays without a name */
function replace(holder: object, name: string, make: (original: Method) => [Method]): void {
  const descriptor = getOwnPropertyDescriptor(holder, name)
  if (descriptor === undefined) return
  const original = descriptor.value as Method
  const [value] = make(original)
  describe(value, name, original.length)
  defineProperty(holder, name, { ...descriptor, value })
}

function describe(method: Method, name: string, length: number): void {
  defineProperty(method, 'name', { value: name, configurable: true })
  defineProperty(method, 'length', { value: length, configurable: true })
}

function getter(holder: object, name: string): Method {
  return getOwnPropertyDescriptor(holder, name)!.get as Method
}
