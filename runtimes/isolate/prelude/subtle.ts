import { need } from './convert.ts'
import { CryptoKey, handleOf, type KeyInfo, makeKey } from './crypto-key.ts'
import { exposeInterfaces } from './define.ts'
import { DOMException } from './dom-exception.ts'
import { askHost } from './services.ts'

type Bytes = Uint8Array<ArrayBuffer>
/** An algorithm or a key on its way to the host. */
type Portable = string | Record<string, unknown>

const TOKEN = Symbol('SubtleCrypto')
/** Everything that any algorithm's parameters are called. */
const MEMBERS = [
  'name',
  'hash',
  'namedCurve',
  'modulusLength',
  'publicExponent',
  'length',
  'iv',
  'additionalData',
  'tagLength',
  'counter',
  'label',
  'salt',
  'saltLength',
  'info',
  'iterations',
  'public',
  'context',
]

let makeSubtle: () => SubtleCrypto

/** https://w3c.github.io/webcrypto/#subtlecrypto-interface, done by the host, which keeps the keys. */
export class SubtleCrypto {
  static {
    makeSubtle = () => new SubtleCrypto(TOKEN)
  }

  constructor(token: unknown = undefined) {
    if (token !== TOKEN) throw new TypeError('Illegal constructor')
  }

  async digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
    need(arguments.length, 2, 'digest')
    return buffer(await ask('digest', toAlgorithm(algorithm), toBytes(data)))
  }

  async encrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    need(arguments.length, 3, 'encrypt')
    return buffer(await ask('encrypt', toAlgorithm(algorithm), toKey(key), toBytes(data)))
  }

  async decrypt(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    need(arguments.length, 3, 'decrypt')
    return buffer(await ask('decrypt', toAlgorithm(algorithm), toKey(key), toBytes(data)))
  }

  async sign(algorithm: unknown, key: unknown, data: unknown): Promise<ArrayBuffer> {
    need(arguments.length, 3, 'sign')
    return buffer(await ask('sign', toAlgorithm(algorithm), toKey(key), toBytes(data)))
  }

  async verify(algorithm: unknown, key: unknown, signature: unknown, data: unknown): Promise<boolean> {
    need(arguments.length, 4, 'verify')
    return (await ask(
      'verify',
      toAlgorithm(algorithm),
      toKey(key),
      toBytes(signature),
      toBytes(data),
    )) as boolean
  }

  async generateKey(algorithm: unknown, extractable: unknown, usages: unknown): Promise<unknown> {
    need(arguments.length, 3, 'generateKey')
    const made = await ask('generateKey', toAlgorithm(algorithm), Boolean(extractable), toUsages(usages))
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
    const content = format === 'jwk' ? toJwk(data) : toBytes(data)
    const wanted = toAlgorithm(algorithm)
    const made = await ask(
      'importKey',
      String(format),
      content,
      wanted,
      Boolean(extractable),
      toUsages(usages),
    )
    return makeKey(made as KeyInfo)
  }

  async exportKey(format: unknown, key: unknown): Promise<unknown> {
    need(arguments.length, 2, 'exportKey')
    const exported = await ask('exportKey', String(format), toKey(key))
    return exported instanceof Uint8Array ? buffer(exported) : exported
  }

  async deriveBits(algorithm: unknown, key: unknown, length: unknown = null): Promise<ArrayBuffer> {
    need(arguments.length, 2, 'deriveBits')
    const bits = length === null || length === undefined ? null : Number(length)
    return buffer(await ask('deriveBits', toAlgorithm(algorithm), toKey(key), bits))
  }

  async deriveKey(
    algorithm: unknown,
    key: unknown,
    derived: unknown,
    extractable: unknown,
    usages: unknown,
  ): Promise<CryptoKey> {
    need(arguments.length, 5, 'deriveKey')
    const wanted = toAlgorithm(derived)
    const made = await ask(
      'deriveKey',
      toAlgorithm(algorithm),
      toKey(key),
      wanted,
      Boolean(extractable),
      toUsages(usages),
    )
    return makeKey(made as KeyInfo)
  }

  async wrapKey(format: unknown, key: unknown, wrapping: unknown, algorithm: unknown): Promise<ArrayBuffer> {
    need(arguments.length, 4, 'wrapKey')
    return buffer(await ask('wrapKey', String(format), toKey(key), toKey(wrapping), toAlgorithm(algorithm)))
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
    const made = await ask(
      'unwrapKey',
      String(format),
      toBytes(wrapped),
      toKey(unwrapping),
      toAlgorithm(algorithm),
      toAlgorithm(keyAlgorithm),
      Boolean(extractable),
      toUsages(usages),
    )
    return makeKey(made as KeyInfo)
  }
}

export { makeSubtle }

async function ask(operation: string, ...args: unknown[]): Promise<unknown> {
  try {
    return await askHost(`subtle.${operation}`, args)
  } catch (failure) {
    const { name, message } = failure as { name: string; message: string }
    throw name === 'TypeError' ? new TypeError(message) : new DOMException(message, name)
  }
}

function toAlgorithm(value: unknown): Portable {
  if (typeof value !== 'object' || value === null) return { name: String(value) }
  const algorithm: Record<string, unknown> = {}
  for (const member of MEMBERS) {
    const given = (value as Record<string, unknown>)[member]
    if (given === undefined) continue
    if (given instanceof CryptoKey) algorithm[member] = toKey(given)
    else if (ArrayBuffer.isView(given) || given instanceof ArrayBuffer) algorithm[member] = toBytes(given)
    else if (member === 'hash') algorithm[member] = toAlgorithm(given)
    else algorithm[member] = typeof given === 'object' ? String(given) : given
  }
  return algorithm
}

function toKey(key: unknown): Portable {
  if (!(key instanceof CryptoKey)) throw new TypeError('crypto.subtle: the key must be a CryptoKey')
  return { key: handleOf(key) }
}

function toBytes(data: unknown): Bytes {
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice() as Bytes
  if (data instanceof ArrayBuffer) return new Uint8Array(data).slice()
  throw new TypeError('crypto.subtle: the data must be an ArrayBuffer or a view of one')
}

function toJwk(data: unknown): object {
  if (typeof data !== 'object' || data === null || ArrayBuffer.isView(data) || data instanceof ArrayBuffer)
    throw new TypeError('crypto.subtle: a key in the format "jwk" must be an object')
  return JSON.parse(JSON.stringify(data))
}

function toUsages(usages: unknown): string[] {
  if (typeof usages !== 'object' || usages === null)
    throw new TypeError('crypto.subtle: the usages must be a list')
  return [...(usages as Iterable<unknown>)].map(String)
}

function buffer(bytes: unknown): ArrayBuffer {
  const view = bytes as Bytes
  return view.byteLength === view.buffer.byteLength ? view.buffer : view.slice().buffer
}

exposeInterfaces({ SubtleCrypto })
