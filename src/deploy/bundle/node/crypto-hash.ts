import { Buffer } from 'node:buffer'
import { BLOCK_BYTES, type DigestName, digest, isDigestName } from './digests.ts'

type Data = string | ArrayBufferView
type Output = BufferEncoding | 'buffer'

function bytesOf(data: Data, encoding?: BufferEncoding): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, encoding)
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  throw new TypeError(`The "data" argument must be a string or bytes: it is ${typeof data}`)
}

function named(algorithm: string): DigestName {
  const name = algorithm.toLowerCase().replace(/^(?:rsa-)?sha-?/, 'sha')
  if (!isDigestName(name)) {
    throw new Error(
      `Digest method not supported in an isolate: "${algorithm}"; ${getHashes().join(', ')} are`,
    )
  }
  return name
}

/** Gathers what it is given and hashes it once, at `digest`. */
class Hash {
  readonly #algorithm: DigestName
  readonly #prefix: Uint8Array
  readonly #finish: (inner: Uint8Array) => Uint8Array
  #parts: Uint8Array[] = []
  #done = false

  constructor(
    algorithm: DigestName,
    prefix: Uint8Array = new Uint8Array(0),
    finish = (inner: Uint8Array) => inner,
  ) {
    this.#algorithm = algorithm
    this.#prefix = prefix
    this.#finish = finish
  }

  update(data: Data, encoding?: BufferEncoding): this {
    if (this.#done) throw new Error('Digest already called')
    // A copy: the caller may write over its bytes before `digest`.
    this.#parts.push(Buffer.from(bytesOf(data, encoding)))
    return this
  }

  copy(): Hash {
    if (this.#done) throw new Error('Digest already called')
    const twin = new Hash(this.#algorithm, this.#prefix, this.#finish)
    twin.#parts = [...this.#parts]
    return twin
  }

  digest(output?: Output): Buffer | string {
    if (this.#done) throw new Error('Digest already called')
    this.#done = true
    const inner = digest(this.#algorithm, Buffer.concat([this.#prefix, ...this.#parts]))
    this.#parts = []
    return shown(this.#finish(inner), output)
  }
}

function shown(bytes: Uint8Array, output?: Output): Buffer | string {
  const buffer = Buffer.from(bytes)
  return output === undefined || output === 'buffer' ? buffer : buffer.toString(output)
}

/** @see https://nodejs.org/api/crypto.html#cryptocreatehashalgorithm-options */
export function createHash(algorithm: string): Hash {
  return new Hash(named(algorithm))
}

/** @see https://nodejs.org/api/crypto.html#cryptocreatehmacalgorithm-key-options */
export function createHmac(algorithm: string, key: Data): Hash {
  const name = named(algorithm)
  const block = BLOCK_BYTES[name]
  const given = bytesOf(key)
  const padded = new Uint8Array(block)
  padded.set(given.length > block ? digest(name, given) : given)
  const outer = padded.map((byte) => byte ^ 0x5c)
  return new Hash(
    name,
    padded.map((byte) => byte ^ 0x36),
    (inner) => digest(name, Buffer.concat([outer, inner])),
  )
}

/** @see https://nodejs.org/api/crypto.html#cryptohashalgorithm-data-options */
export function hash(algorithm: string, data: Data, output: Output = 'hex'): Buffer | string {
  return shown(digest(named(algorithm), bytesOf(data)), output)
}

export function getHashes(): string[] {
  return Object.keys(BLOCK_BYTES)
}
