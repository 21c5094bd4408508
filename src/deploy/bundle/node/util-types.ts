// `node:util/types` where there is no Node: what a value's internal slots show without the engine's help.

function tagged(...tags: string[]): (value: unknown) => boolean {
  return (value) => typeof value === 'object' && value !== null && tags.includes(tag(value))
}
function tag(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}
/** A method that throws unless its receiver has the slot: a disguised tag does not fool it. */
function slotted(method: (this: never) => unknown): (value: unknown) => boolean {
  return (value) => {
    if (typeof value !== 'object' || value === null) return false
    try {
      method.call(value as never)
      return true
    } catch {
      return false
    }
  }
}
function getter(prototype: object, name: string): (this: never) => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)!.get as (this: never) => unknown
}
const typedArrayName = getter(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag as never)
function typed(name: string): (value: unknown) => boolean {
  return (value) => typedArrayName.call(value as never) === name
}

export const isArrayBuffer = slotted(getter(ArrayBuffer.prototype, 'byteLength'))
export const isSharedArrayBuffer = tagged('SharedArrayBuffer')
export const isAnyArrayBuffer = (value: unknown): boolean =>
  isArrayBuffer(value) || isSharedArrayBuffer(value)
export const isArrayBufferView = (value: unknown): boolean => ArrayBuffer.isView(value)
export const isDataView = slotted(getter(DataView.prototype, 'byteLength'))
export const isTypedArray = (value: unknown): boolean => typedArrayName.call(value as never) !== undefined
export const isUint8Array = typed('Uint8Array')
export const isUint8ClampedArray = typed('Uint8ClampedArray')
export const isUint16Array = typed('Uint16Array')
export const isUint32Array = typed('Uint32Array')
export const isInt8Array = typed('Int8Array')
export const isInt16Array = typed('Int16Array')
export const isInt32Array = typed('Int32Array')
export const isFloat16Array = typed('Float16Array')
export const isFloat32Array = typed('Float32Array')
export const isFloat64Array = typed('Float64Array')
export const isBigInt64Array = typed('BigInt64Array')
export const isBigUint64Array = typed('BigUint64Array')
export const isDate = slotted(Date.prototype.getTime as (this: never) => unknown)
export const isRegExp = slotted(getter(RegExp.prototype, 'source'))
export const isMap = slotted(getter(Map.prototype, 'size'))
export const isSet = slotted(getter(Set.prototype, 'size'))
export const isWeakMap = slotted(function (this: WeakMap<object, unknown>) {
  return WeakMap.prototype.has.call(this, {})
} as (this: never) => unknown)
export const isWeakSet = slotted(function (this: WeakSet<object>) {
  return WeakSet.prototype.has.call(this, {})
} as (this: never) => unknown)
export const isPromise = (value: unknown): boolean => value instanceof Promise
export const isNativeError = (value: unknown): boolean => value instanceof Error
export const isMapIterator = tagged('Map Iterator')
export const isSetIterator = tagged('Set Iterator')
export const isArgumentsObject = tagged('Arguments')
export const isGeneratorObject = tagged('Generator', 'AsyncGenerator')
export const isModuleNamespaceObject = tagged('Module')
export const isAsyncFunction = (value: unknown): boolean =>
  typeof value === 'function' && /^Async/.test(tag(value))
export const isGeneratorFunction = (value: unknown): boolean =>
  typeof value === 'function' && /GeneratorFunction$/.test(tag(value))
export const isNumberObject = slotted(Number.prototype.valueOf as (this: never) => unknown)
export const isStringObject = slotted(String.prototype.valueOf as (this: never) => unknown)
export const isBooleanObject = slotted(Boolean.prototype.valueOf as (this: never) => unknown)
export const isBigIntObject = slotted(BigInt.prototype.valueOf as (this: never) => unknown)
export const isSymbolObject = slotted(Symbol.prototype.valueOf as (this: never) => unknown)
export const isBoxedPrimitive = (value: unknown): boolean =>
  isNumberObject(value) ||
  isStringObject(value) ||
  isBooleanObject(value) ||
  isBigIntObject(value) ||
  isSymbolObject(value)
/** Not to be known from inside the language. */
export const isProxy = (_value: unknown): boolean => false
export const isExternal = (_value: unknown): boolean => false
export const isKeyObject = (_value: unknown): boolean => false
export const isCryptoKey = (value: unknown): boolean =>
  typeof CryptoKey === 'function' && value instanceof CryptoKey

export default {
  isArrayBuffer,
  isSharedArrayBuffer,
  isAnyArrayBuffer,
  isArrayBufferView,
  isDataView,
  isTypedArray,
  isUint8Array,
  isUint8ClampedArray,
  isUint16Array,
  isUint32Array,
  isInt8Array,
  isInt16Array,
  isInt32Array,
  isFloat16Array,
  isFloat32Array,
  isFloat64Array,
  isBigInt64Array,
  isBigUint64Array,
  isDate,
  isRegExp,
  isMap,
  isSet,
  isWeakMap,
  isWeakSet,
  isPromise,
  isNativeError,
  isMapIterator,
  isSetIterator,
  isArgumentsObject,
  isGeneratorObject,
  isModuleNamespaceObject,
  isAsyncFunction,
  isGeneratorFunction,
  isNumberObject,
  isStringObject,
  isBooleanObject,
  isBigIntObject,
  isSymbolObject,
  isBoxedPrimitive,
  isProxy,
  isExternal,
  isKeyObject,
  isCryptoKey,
}
