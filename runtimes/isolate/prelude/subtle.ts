import { need } from './convert.ts'
import { type CryptoKey, type KeyInfo, makeKey } from './crypto-key.ts'
import { exposeInterfaces } from './define.ts'
import { DOMException } from './dom-exception.ts'
import { callHost } from './host.ts'
import { askHost } from './services.ts'
import {
  type Portable,
  toAlgorithm,
  toBuffer,
  toBytes,
  toKey,
  toKeyData,
  toUsages,
} from './subtle-convert.ts'

const TOKEN = Symbol('SubtleCrypto')
/** So many bytes are hashed sooner than another thread could be asked to. */
const FEW = 16_384
/** What Node's own errors are called, where the standard has a name for that. */
const GENERAL = new Set(['Error', 'RangeError'])

interface Shared {
  readonly sharedKey: unknown
  readonly ciphertext: unknown
}

let makeSubtle: () => SubtleCrypto

/** https://w3c.github.io/webcrypto/#subtlecrypto-interface, done by the host, which keeps the keys. */
export class SubtleCrypto {
  readonly #own = true

  static {
    makeSubtle = () => new SubtleCrypto(TOKEN)
  }

  constructor(token: unknown = undefined) {
    if (token !== TOKEN) throw new TypeError('Illegal constructor')
  }

  async digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    void this.#own
    need(arguments.length, 2, 'digest')
    const wanted = toAlgorithm(algorithm)
    const bytes = toBytes(data)
    const name = nameOf(wanted)
    const done = isQuick(name, wanted, bytes) ? callHost('digest', [name, bytes]) : null
    return toBuffer(done ?? (await this.#ask('digest', wanted, bytes)))
  }

  async encrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    need(arguments.length, 3, 'encrypt')
    return toBuffer(await this.#ask('encrypt', toAlgorithm(algorithm), toKey(key), toBytes(data)))
  }

  async decrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    need(arguments.length, 3, 'decrypt')
    return toBuffer(await this.#ask('decrypt', toAlgorithm(algorithm), toKey(key), toBytes(data)))
  }

  async sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    void this.#own
    need(arguments.length, 3, 'sign')
    const wanted = toAlgorithm(algorithm)
    const used = toKey(key)
    const bytes = toBytes(data)
    const done = isQuick('HMAC', wanted, bytes) ? callHost('hmac', [used.key, bytes]) : null
    return toBuffer(done ?? (await this.#ask('sign', wanted, used, bytes)))
  }

  async verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    void this.#own
    need(arguments.length, 4, 'verify')
    const wanted = toAlgorithm(algorithm)
    const used = toKey(key)
    const given = toBytes(signature)
    const bytes = toBytes(data)
    const done = isQuick('HMAC', wanted, bytes) ? callHost('hmac', [used.key, bytes, given]) : null
    return (done ?? (await this.#ask('verify', wanted, used, given, bytes))) as boolean
  }

  async generateKey(algorithm: unknown, extractable: unknown, usages: unknown): Promise<unknown> {
    need(arguments.length, 3, 'generateKey')
    const wanted = toAlgorithm(algorithm)
    const made = await this.#ask('generateKey', wanted, Boolean(extractable), toUsages(usages))
    const pair = made as { publicKey?: KeyInfo; privateKey: KeyInfo }
    if (pair.publicKey === undefined) return makeKey(made as KeyInfo)
    return { publicKey: makeKey(pair.publicKey), privateKey: makeKey(pair.privateKey) }
  }

  async importKey(
    format: unknown,
    data: unknown,
    algorithm: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<CryptoKey> {
    need(arguments.length, 5, 'importKey')
    const name = `${format as string}`
    const content = toKeyData(name, data)
    const wanted = toAlgorithm(algorithm)
    const made = await this.#ask('importKey', name, content, wanted, Boolean(extractable), toUsages(usages))
    return makeKey(made as KeyInfo)
  }

  async exportKey(format: unknown, key: unknown): Promise<unknown> {
    need(arguments.length, 2, 'exportKey')
    const exported = await this.#ask('exportKey', `${format as string}`, toKey(key))
    return exported instanceof Uint8Array ? toBuffer(exported) : exported
  }

  async deriveBits(algorithm: unknown, key: unknown, length: unknown = null): Promise<ArrayBuffer> {
    need(arguments.length, 2, 'deriveBits')
    const bits = length === null || length === undefined ? null : Number(length)
    return toBuffer(await this.#ask('deriveBits', toAlgorithm(algorithm), toKey(key), bits))
  }

  async deriveKey(
    algorithm: unknown,
    key: unknown,
    derived: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<CryptoKey> {
    need(arguments.length, 5, 'deriveKey')
    const from = toAlgorithm(algorithm)
    const wanted = toAlgorithm(derived)
    const made = await this.#ask(
      'deriveKey',
      from,
      toKey(key),
      wanted,
      Boolean(extractable),
      toUsages(usages),
    )
    return makeKey(made as KeyInfo)
  }

  async wrapKey(format: unknown, key: unknown, wrapping: unknown, algorithm: unknown): Promise<ArrayBuffer> {
    need(arguments.length, 4, 'wrapKey')
    const name = `${format as string}`
    return toBuffer(await this.#ask('wrapKey', name, toKey(key), toKey(wrapping), toAlgorithm(algorithm)))
  }

  async unwrapKey(
    format: unknown,
    wrapped: unknown,
    unwrapping: unknown,
    algorithm: unknown,
    keyAlgorithm: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<CryptoKey> {
    need(arguments.length, 7, 'unwrapKey')
    const made = await this.#ask(
      'unwrapKey',
      `${format as string}`,
      toBytes(wrapped),
      toKey(unwrapping),
      toAlgorithm(algorithm),
      toAlgorithm(keyAlgorithm),
      Boolean(extractable),
      toUsages(usages),
    )
    return makeKey(made as KeyInfo)
  }

  // https://wicg.github.io/webcrypto-modern-algos/

  async getPublicKey(key: unknown, usages: unknown): Promise<CryptoKey> {
    need(arguments.length, 2, 'getPublicKey')
    return makeKey((await this.#ask('getPublicKey', toKey(key), toUsages(usages))) as KeyInfo)
  }

  async encapsulateBits(algorithm: unknown, key: unknown): Promise<object> {
    need(arguments.length, 2, 'encapsulateBits')
    const made = (await this.#ask('encapsulateBits', toAlgorithm(algorithm), toKey(key))) as Shared
    return { sharedKey: toBuffer(made.sharedKey), ciphertext: toBuffer(made.ciphertext) }
  }

  async encapsulateKey(
    algorithm: unknown,
    key: unknown,
    shared: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<object> {
    need(arguments.length, 5, 'encapsulateKey')
    const wanted = [toAlgorithm(shared), Boolean(extractable), toUsages(usages)]
    const made = (await this.#ask('encapsulateKey', toAlgorithm(algorithm), toKey(key), ...wanted)) as Shared
    return { sharedKey: makeKey(made.sharedKey as KeyInfo), ciphertext: toBuffer(made.ciphertext) }
  }

  async decapsulateBits(algorithm: unknown, key: unknown, ciphertext: unknown): Promise<ArrayBuffer> {
    need(arguments.length, 3, 'decapsulateBits')
    return toBuffer(
      await this.#ask('decapsulateBits', toAlgorithm(algorithm), toKey(key), toBytes(ciphertext)),
    )
  }

  async decapsulateKey(
    algorithm: unknown,
    key: unknown,
    ciphertext: unknown,
    shared: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<CryptoKey> {
    need(arguments.length, 6, 'decapsulateKey')
    const given = [toAlgorithm(algorithm), toKey(key), toBytes(ciphertext)]
    const wanted = [toAlgorithm(shared), Boolean(extractable), toUsages(usages)]
    return makeKey((await this.#ask('decapsulateKey', ...given, ...wanted)) as KeyInfo)
  }

  async #ask(operation: string, ...args: unknown[]): Promise<unknown> {
    void this.#own
    try {
      return await askHost(`subtle.${operation}`, args)
    } catch (failure) {
      const { name, message } = failure as { name: string; message: string }
      if (name === 'TypeError') throw new TypeError(message)
      throw new DOMException(message, GENERAL.has(name) ? 'OperationError' : name)
    }
  }
}

export { makeSubtle }

function isQuick(name: string, algorithm: Portable, bytes: Uint8Array): boolean {
  return bytes.length <= FEW && nameOf(algorithm) === name
}

/** Names of algorithms are the same in any case. */
function nameOf({ name }: Portable): string {
  return typeof name === 'string' ? name.toUpperCase() : ''
}

exposeInterfaces({ SubtleCrypto })
