// Ways to put things on the global object in the shape that Web IDL gives them.

const target = globalThis as unknown as Record<string, unknown>
const defineProperty = Object.defineProperty

/** A property of the global object that scripts may replace, as every platform's are. */
export function expose(name: string, value: unknown, enumerable = false): void {
  defineProperty(target, name, { value, writable: true, configurable: true, enumerable })
}

interface Constructor {
  readonly prototype: object
}

/**
 * Interfaces: members enumerable, a string tag, and the constructors on the global object.
 * @param interfaces by name; the names that the source gives them are lost when the prelude is made small
 */
export function exposeInterfaces(interfaces: Readonly<Record<string, Constructor>>): void {
  for (const [name, type] of Object.entries(interfaces)) {
    shape(type, name)
    expose(name, type)
  }
}

/** The same for a library's interfaces, which have their shape already. */
export function exposeShaped(interfaces: Readonly<Record<string, unknown>>): void {
  for (const [name, type] of Object.entries(interfaces)) {
    defineProperty(type as object, 'name', { value: name, configurable: true })
    expose(name, type)
  }
}

function shape(type: Constructor, name: string): void {
  const { prototype } = type
  for (const key of Object.getOwnPropertyNames(prototype)) {
    if (key !== 'constructor') defineProperty(prototype, key, { enumerable: true })
  }
  for (const key of Object.getOwnPropertyNames(type)) {
    const value: unknown = Object.getOwnPropertyDescriptor(type, key)?.value
    if (typeof value === 'function') defineProperty(type, key, { enumerable: true })
  }
  defineProperty(type, 'name', { value: name, configurable: true })
  defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true })
}

/** Constants stand on the interface and on its prototype alike, read-only. */
export function constants(type: Constructor, values: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(values)) {
    for (const holder of [type, type.prototype]) defineProperty(holder, key, { value, enumerable: true })
  }
}
