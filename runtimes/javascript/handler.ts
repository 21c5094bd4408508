/** The author's entry, with the object it is a method of. */
export type Handler =
  | { readonly kind: 'fetch'; readonly call: (request: unknown, env: unknown, context: unknown) => unknown }
  | { readonly kind: 'event'; readonly call: (event: unknown, context: unknown) => unknown }

type Bag = Readonly<Record<string, unknown>>
type Callable = (this: unknown, ...args: unknown[]) => unknown

/** The module has nothing that could take a call. `code` is what the gateway reports. */
export class NoHandler extends Error {
  override readonly name = 'NoHandler'
  readonly code = 'no_handler'
}

const SHAPES =
  'export default { fetch(request, env, ctx) }, export default function (request), lambda_handler(event, context) or handler(event, context), or call addEventListener("fetch", (event) => event.respondWith(response))'

const apply = Reflect.apply

/**
 * Finds the handler in the order that the contract gives.
 * @param namespace the module's namespace; a CommonJS module is `{ default: module.exports }`
 * @param fallback what takes calls where the module exports nothing that could: its listener for "fetch"
 * @throws NoHandler when there is none
 */
export function resolveHandler(namespace: Bag, fallback: Handler | null = null): Handler {
  const exported = namespace.default
  // A compiled ES module: `module.exports` is itself a namespace.
  if (isBag(exported) && exported.__esModule === true && exported !== namespace)
    return resolveHandler(exported, fallback)
  const web = webHandler(exported)
  if (web !== null) return web
  for (const name of ['lambda_handler', 'handler']) {
    for (const holder of [namespace, exported]) {
      if (!isBag(holder)) continue
      const method = holder[name]
      if (!isFunction(method)) continue
      return { kind: 'event', call: (event, context) => apply(method, holder, [event, context]) }
    }
  }
  if (fallback !== null) return fallback
  throw new NoHandler(`Cannot find a handler: the module must have ${SHAPES}: ${describe(namespace)}`)
}

function webHandler(exported: unknown): Handler | null {
  if (!isBag(exported)) return null
  const fetch = exported.fetch
  if (isFunction(fetch))
    return { kind: 'fetch', call: (request, env, context) => apply(fetch, exported, [request, env, context]) }
  if (isFunction(exported) && !isClass(exported))
    return {
      kind: 'fetch',
      call: (request, env, context) => apply(exported, undefined, [request, env, context]),
    }
  return null
}

function describe(namespace: Bag): string {
  const exported = namespace.default
  if (isFunction(exported) && isClass(exported))
    return 'it exports a class by default, export an instance of it instead'
  const names = Object.keys(namespace)
  if (isBag(exported) && !isFunction(exported)) {
    for (const name of Object.keys(exported)) if (!names.includes(name)) names.push(`default.${name}`)
  }
  if (names.length === 0) return 'it exports nothing'
  const shown = names.slice(0, 10).join(', ')
  return `it exports ${names.length > 10 ? `${shown} and ${names.length - 10} more` : shown}`
}

function isBag(value: unknown): value is Bag {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

function isFunction(value: unknown): value is Callable & Bag {
  return typeof value === 'function'
}

function isClass(value: Callable): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value))
}
