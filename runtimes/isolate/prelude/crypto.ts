import { need } from './convert.ts'
import { expose, exposeInterfaces } from './define.ts'
import { DOMException } from './dom-exception.ts'
import { fillRandom } from './random.ts'
import { makeSubtle, type SubtleCrypto } from './subtle.ts'

const TOKEN = Symbol('Crypto')
const LIMIT = 65_536
const INTEGERS = new Set([
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'BigInt64Array',
  'BigUint64Array',
])
const tagOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!
const hex: string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** https://w3c.github.io/webcrypto/#Crypto-interface */
export class Crypto {
  readonly #subtle = makeSubtle()

  constructor(token: unknown = undefined) {
    if (token !== TOKEN) throw new TypeError('Illegal constructor')
  }

  get subtle(): SubtleCrypto {
    return this.#subtle
  }

  getRandomValues<T>(array: T): T {
    void this.#subtle
    need(arguments.length, 1, 'crypto.getRandomValues')
    if (!ArrayBuffer.isView(array))
      throw new TypeError('crypto.getRandomValues: the argument must be a typed array')
    if (!INTEGERS.has(tagOf.call(array)))
      throw new DOMException('crypto.getRandomValues: the array must be of integers', 'TypeMismatchError')
    if (array.byteLength > LIMIT)
      throw new DOMException(
        `crypto.getRandomValues: at most ${LIMIT} bytes at a time, not ${array.byteLength}`,
        'QuotaExceededError',
      )
    fillRandom(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    return array
  }

  randomUUID(): string {
    void this.#subtle
    const bytes = new Uint8Array(16)
    fillRandom(bytes)
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    let text = ''
    for (let index = 0; index < 16; index++) {
      if (index === 4 || index === 6 || index === 8 || index === 10) text += '-'
      text += hex[bytes[index]!]
    }
    return text
  }
}

exposeInterfaces({ Crypto })
expose('crypto', new Crypto(TOKEN), true)
