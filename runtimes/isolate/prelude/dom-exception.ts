import { toDOMString } from './convert.ts'
import { constants, exposeInterfaces } from './define.ts'

const CODES: Readonly<Record<string, number>> = {
  IndexSizeError: 1,
  HierarchyRequestError: 3,
  WrongDocumentError: 4,
  InvalidCharacterError: 5,
  NoModificationAllowedError: 7,
  NotFoundError: 8,
  NotSupportedError: 9,
  InUseAttributeError: 10,
  InvalidStateError: 11,
  SyntaxError: 12,
  InvalidModificationError: 13,
  NamespaceError: 14,
  InvalidAccessError: 15,
  TypeMismatchError: 17,
  SecurityError: 18,
  NetworkError: 19,
  AbortError: 20,
  URLMismatchError: 21,
  QuotaExceededError: 22,
  TimeoutError: 23,
  InvalidNodeTypeError: 24,
  DataCloneError: 25,
}
const CONSTANTS = [
  'INDEX_SIZE_ERR',
  'DOMSTRING_SIZE_ERR',
  'HIERARCHY_REQUEST_ERR',
  'WRONG_DOCUMENT_ERR',
  'INVALID_CHARACTER_ERR',
  'NO_DATA_ALLOWED_ERR',
  'NO_MODIFICATION_ALLOWED_ERR',
  'NOT_FOUND_ERR',
  'NOT_SUPPORTED_ERR',
  'INUSE_ATTRIBUTE_ERR',
  'INVALID_STATE_ERR',
  'SYNTAX_ERR',
  'INVALID_MODIFICATION_ERR',
  'NAMESPACE_ERR',
  'INVALID_ACCESS_ERR',
  'VALIDATION_ERR',
  'TYPE_MISMATCH_ERR',
  'SECURITY_ERR',
  'NETWORK_ERR',
  'ABORT_ERR',
  'URL_MISMATCH_ERR',
  'QUOTA_EXCEEDED_ERR',
  'TIMEOUT_ERR',
  'INVALID_NODE_TYPE_ERR',
  'DATA_CLONE_ERR',
]

const captureStackTrace = Error.captureStackTrace

/** https://webidl.spec.whatwg.org/#idl-DOMException */
export class DOMException {
  readonly #message: string
  readonly #name: string

  constructor(message: unknown = '', options: unknown = 'Error') {
    this.#message = toDOMString(message)
    if (typeof options === 'object' && options !== null) {
      const { name = 'Error' } = options as { name?: unknown }
      this.#name = toDOMString(name)
      if ('cause' in options)
        Object.defineProperty(this, 'cause', { value: options.cause, writable: true, configurable: true })
    } else this.#name = toDOMString(options)
    captureStackTrace(this, new.target)
  }

  get name(): string {
    return this.#name
  }

  get message(): string {
    return this.#message
  }

  get code(): number {
    return Object.hasOwn(CODES, this.#name) ? CODES[this.#name]! : 0
  }
}

Object.setPrototypeOf(DOMException.prototype, Error.prototype)
constants(DOMException, Object.fromEntries(CONSTANTS.map((name, index) => [name, index + 1])))
exposeInterfaces({ DOMException })
