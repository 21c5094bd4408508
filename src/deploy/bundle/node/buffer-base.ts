import { Buffer as Base } from 'unenv/node/buffer'
import { inspect } from './inspect/inspect.ts'

// biome-ignore lint/suspicious/noExplicitAny: the functions here pass on arguments of many shapes
type AnyFunction = (this: any, ...args: any[]) => any

export const INSPECT_MAX_BYTES = 50

/** A text of the other alphabet in the usual one, and with the padding that decoders want. */
function standard(text: string): string {
  const digits = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replaceAll(/[^A-Za-z0-9+/]/g, '')
  return digits + '='.repeat((4 - (digits.length % 4)) % 4)
}

/** As Node has it: by the number of digits, whatever they are. */
function base64Length(text: string): number {
  return ((text.length - (/={1,2}$/.exec(text)?.[0].length ?? 0)) * 3) >>> 2
}

function isUrlEncoding(name: unknown): boolean {
  return typeof name === 'string' && /^base64url$/i.test(name)
}

/** Both spellings of base64 are read alike, whichever is named. */
function isBase64(name: unknown): boolean {
  return typeof name === 'string' && /^base64(?:url)?$/i.test(name)
}

function complete(): void {
  const statics = Base as unknown as Record<string, AnyFunction | undefined>
  const methods = Base.prototype as unknown as Record<string, AnyFunction>
  const { from, byteLength, isEncoding } = statics
  const textOf = methods.toString as AnyFunction
  const { write, fill, indexOf, lastIndexOf } = methods
  const decoded = (value: unknown, encoding: unknown) =>
    typeof value === 'string' && isUrlEncoding(encoding) ? Base.from(value, 'base64') : value

  const ownStatics: Record<string, AnyFunction> = {
    from: (value: unknown, encoding?: unknown, length?: unknown) =>
      typeof value === 'string' && isBase64(encoding)
        ? from!(standard(value.split('=')[0]!), 'base64')
        : from!(value, encoding, length),
    byteLength: (value: unknown, encoding?: unknown) =>
      typeof value === 'string' && isBase64(encoding) ? base64Length(value) : byteLength!(value, encoding),
    isEncoding: (name: unknown) => isUrlEncoding(name) || isEncoding!(name),
    alloc: (size: number, value?: unknown, encoding?: unknown) => {
      const made = Base.allocUnsafe(size)
      made.fill(0)
      return value === undefined || size === 0 ? made : made.fill(value as string, encoding as BufferEncoding)
    },
    copyBytesFrom: (view: ArrayBufferView, offset = 0, length?: number) => {
      const part = (view as Uint8Array).subarray(offset, length === undefined ? undefined : offset + length)
      return Base.from(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
    },
  }
  const ownMethods: Record<PropertyKey, AnyFunction> = {
    toString(this: Uint8Array, encoding?: unknown, start?: number, end?: number): string {
      if (!isUrlEncoding(encoding)) return textOf!.call(this, encoding, start, end)
      const text: string = textOf!.call(this, 'base64', start, end)
      return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
    },
    write(this: Base, text: string, ...rest: unknown[]): number {
      if (!isBase64(rest.at(-1))) return write!.call(this, text, ...rest)
      return write!.call(this, standard(text), ...rest.slice(0, -1), 'base64')
    },
    fill(this: Base, value: unknown, ...rest: unknown[]): Base {
      return fill!.call(this, decoded(value, rest.at(-1)), ...rest.filter((part) => !isUrlEncoding(part)))
    },
    indexOf(this: Base, value: unknown, offset?: unknown, encoding?: unknown): number {
      if (value === '') return Math.min(Number(offset ?? 0), this.length)
      return indexOf!.call(
        this,
        decoded(value, encoding),
        offset,
        isUrlEncoding(encoding) ? undefined : encoding,
      )
    },
    lastIndexOf(this: Base, value: unknown, offset?: unknown, encoding?: unknown): number {
      return lastIndexOf!.call(
        this,
        decoded(value, encoding),
        offset,
        isUrlEncoding(encoding) ? undefined : encoding,
      )
    },
    [inspect.custom](this: Uint8Array): string {
      const shown = Array.from(this.subarray(0, INSPECT_MAX_BYTES), (byte) =>
        byte.toString(16).padStart(2, '0'),
      )
      const more = this.length - INSPECT_MAX_BYTES
      const rest = more > 0 ? ` ... ${more} more byte${more > 1 ? 's' : ''}` : ''
      return `<Buffer ${shown.join(' ')}${rest}>`
    },
  }
  Object.defineProperty(Base, 'name', { value: 'Buffer', configurable: true })
  for (const [target, own] of [
    [Base, ownStatics],
    [Base.prototype, ownMethods],
  ] as const) {
    for (const key of Reflect.ownKeys(own))
      Object.defineProperty(target, key, {
        value: (own as Record<PropertyKey, unknown>)[key],
        writable: true,
        configurable: true,
      })
  }
}

// On a whole Node unenv hands out Node's own Buffer, which lacks nothing and is everybody's.
if ((globalThis as { Buffer?: unknown }).Buffer !== Base) complete()

export { Base as Buffer }
