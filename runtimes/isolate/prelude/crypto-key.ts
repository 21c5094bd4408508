import { exposeInterfaces } from './define.ts'
import { LOCAL } from './host.ts'
import { post } from './outbox.ts'

/** A key as the host describes it: the key itself never comes here unless it is exported. */
export interface KeyInfo {
  readonly handle: number
  readonly type: string
  readonly extractable: boolean
  readonly algorithm: object
  readonly usages: readonly string[]
}

const TOKEN = Symbol('CryptoKey')
let handleOf: (key: CryptoKey) => number
let makeKey: (info: KeyInfo) => CryptoKey
let cloneKey: (key: CryptoKey) => CryptoKey

/** Lives as long as the last key object with its handle. */
class Handle {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

/** Made when the first key is: a snapshot cannot hold one. */
let released: FinalizationRegistry<number> | null = null

function keep(handle: Handle): Handle {
  released ??= new FinalizationRegistry((value) => post(LOCAL.ASK, 0, 'subtle.release', [value]))
  released.register(handle, handle.value)
  return handle
}

/** https://w3c.github.io/webcrypto/#cryptokey-interface */
export class CryptoKey {
  readonly #info: KeyInfo
  readonly #handle: Handle

  static {
    handleOf = (key) => key.#handle.value
    makeKey = (info) => new CryptoKey(TOKEN, info, keep(new Handle(info.handle)))
    cloneKey = (key) => new CryptoKey(TOKEN, key.#info, key.#handle)
  }

  constructor(token: unknown = undefined, info: unknown = undefined, handle: unknown = undefined) {
    if (token !== TOKEN) throw new TypeError('Illegal constructor')
    this.#info = info as KeyInfo
    this.#handle = handle as Handle
  }

  get type(): string {
    return this.#info.type
  }
  get extractable(): boolean {
    return this.#info.extractable
  }
  get algorithm(): object {
    return this.#info.algorithm
  }
  get usages(): readonly string[] {
    return this.#info.usages
  }
}

export { cloneKey, handleOf, makeKey }

exposeInterfaces({ CryptoKey })
