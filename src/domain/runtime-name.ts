/** Every runtime a deployment can be for. `auto` is a wish, never a runtime. */
export const RUNTIME_NAMES = ['isolate', 'worker', 'docker', 'kube', 'pyodide'] as const
export type RuntimeName = (typeof RUNTIME_NAMES)[number]

/** What a caller of /deploy may ask for. `worker` is chosen by the gateway on Deno, never by name. */
export const C_TYPES = ['isolate', 'docker', 'kube', 'pyodide', 'auto'] as const
export type CType = (typeof C_TYPES)[number]

/** The languages a callback can be written in; `node` is JavaScript or TypeScript. */
export const LANGUAGES = ['node', 'python'] as const
export type Language = (typeof LANGUAGES)[number]
