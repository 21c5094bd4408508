// `node:module` for packages that make a `require` when they load, and call it on Node alone.
import { unavailableError } from './unavailable.ts'

export function createRequire(): (specifier: string) => never {
  const refuse = (specifier: string): never => {
    throw unavailableError(`require("${specifier}") by createRequire`)
  }
  return Object.assign(refuse, { resolve: refuse, cache: {}, extensions: {}, main: undefined })
}

export const builtinModules: readonly string[] = []
export const isBuiltin = (specifier: string): boolean => specifier.startsWith('node:')

export default { createRequire, builtinModules, isBuiltin }
