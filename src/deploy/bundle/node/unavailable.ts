// What a package gets that imports a built-in which is not here: packages touch many only on the way that they
// take on Node, so what fails is its use, in a sentence, and not the import.

/** Asked of any value by the language and by bundlers, before it is used. */
const ASKED = ['then', '__esModule', 'default']

/**
 * Stands for a module of Node.
 * @param facts what is true of the module all the same
 */
export function unavailable(module: string, facts: Readonly<Record<string, unknown>> = {}): object {
  return standIn(named(module), facts)
}

/** Stands for one member of a module. */
export function unavailableMember(module: string, member: string): object {
  return standIn(`${member} of ${named(module)}`, {})
}

/** The error of importing a module. */
export function unavailableImport(module: string): Error {
  return unavailableError(named(module))
}

/** Modules of other platforms have a prefix of their own. */
function named(module: string): string {
  return module.includes(':') ? module : `node:${module}`
}

/** The error of using something. */
export function unavailableError(what: string): Error {
  const error = new Error(
    `Cannot use ${what} in an isolate: it is not available there; deploy with c_type docker to run on a whole Node`,
  )
  return Object.assign(error, { code: 'ERR_UNAVAILABLE_IN_ISOLATE' })
}

function standIn(what: string, facts: Readonly<Record<string, unknown>>): object {
  const members = new Map<string, object>()
  // A class may be derived from it while its module loads, so it is a function that can be constructed.
  const target = function unavailable(): void {}
  const fail = () => {
    throw unavailableError(what)
  }
  const get = (_: object, key: PropertyKey): unknown => {
    if (typeof key === 'string' && Object.hasOwn(facts, key)) return facts[key]
    if (typeof key !== 'string' || key in target) return Reflect.get(target, key)
    if (ASKED.includes(key)) return undefined
    const member = members.get(key) ?? standIn(`${key} of ${what}`, {})
    members.set(key, member)
    return member
  }
  const prototype = new Proxy({}, { get })
  return new Proxy(target, {
    get,
    // What a bundler makes of a module inherits from its prototype: this way it finds every member, too.
    getPrototypeOf: () => prototype,
    apply: fail,
    construct: fail,
  })
}
