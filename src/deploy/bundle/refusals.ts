import type { OnResolveResult } from 'esbuild'

/** Why the bundler refuses an import; carried through esbuild, which adds the place. */
export interface Refusal {
  readonly code: 'unresolved_import' | 'local_import' | 'remote_import' | 'builtin_unavailable'
  /** The whole sentence for the author. */
  readonly message: string
}

/** A refusal as a plugin's answer to esbuild. */
export function refuse(refusal: Refusal): OnResolveResult {
  return { errors: [{ text: refusal.message, detail: refusal }] }
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value
}

export function builtinUnavailable(specifier: string, importer: string | null): Refusal {
  const why = importer === null ? '' : `${importer} imports it, and `
  return {
    code: 'builtin_unavailable',
    message:
      `Cannot bundle "${specifier}" for an isolate: ${why}an isolate has no such module; ` +
      'deploy with c_type docker to run on a whole Node',
  }
}

/** A member of a built-in that exists in Node, but not where the function is to run. */
export function memberUnavailable(module: string, member: string): Refusal {
  return {
    code: 'builtin_unavailable',
    message:
      `Cannot bundle "${member}" of "node:${module}" for an isolate: it is not available there; ` +
      'deploy with c_type docker to run on a whole Node',
  }
}

/** Only code without `await` can be followed from outside the engine, and a top-level one has to stay. */
export const lostContext: Refusal = {
  code: 'builtin_unavailable',
  message:
    'Cannot bundle AsyncLocalStorage together with a top-level `await` for an isolate: ' +
    'put the `await` into a function, or deploy with c_type docker to run on a whole Node',
}

export function nativeAddon(specifier: string): Refusal {
  return {
    code: 'builtin_unavailable',
    message:
      `Cannot bundle "${specifier}" for an isolate: it is a native addon; ` +
      'deploy with c_type docker to run on a whole Node',
  }
}

export function unresolvedImport(specifier: string, importer: string | null, hasLibrary: boolean): Refusal {
  const name = packageName(specifier)
  const found = hasLibrary ? 'it is not in `library`' : 'the callback has no `library`'
  return {
    code: 'unresolved_import',
    message:
      importer === null
        ? `Cannot resolve "${specifier}": ${found}; add "${name}" to the dependencies of \`library\``
        : `Cannot resolve "${specifier}", which ${importer} imports: add "${name}" to the dependencies of \`library\``,
  }
}

export function missingEntry(specifier: string): Refusal {
  return {
    code: 'unresolved_import',
    message:
      `Cannot resolve "${specifier}": package "${packageName(specifier)}" is installed, ` +
      'but it offers no such module; check the path and the version in `library`',
  }
}

export function localImport(specifier: string): Refusal {
  return {
    code: 'local_import',
    message: `Cannot resolve "${specifier}": a callback is one file; put that code into it, or into a package of \`library\``,
  }
}

export function remoteImport(specifier: string): Refusal {
  const bare = specifier.replace(/^(?:npm|jsr):\/?/, '')
  const instead = bare === specifier ? 'the package' : `"${packageName(bare.replace(/(.)@[^/]*/, '$1'))}"`
  return {
    code: 'remote_import',
    message:
      `Cannot resolve "${specifier}": only packages of \`library\` can be imported; ` +
      `add ${instead} to its dependencies and import it by name`,
  }
}

/** `@scope/name` or `name`, without a path behind it. */
export function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
