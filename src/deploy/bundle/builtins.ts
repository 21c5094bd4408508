import { createRequire, isBuiltin as isNodeBuiltin } from 'node:module'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the built-ins written for this project: guest code, bundled into functions. */
export const OWN_BUILTINS = fileURLToPath(new URL('./node', import.meta.url))

const own = (file: string): string => path.join(OWN_BUILTINS, file)
const require = createRequire(import.meta.url)
const unenv = (name: string): string => require.resolve(`unenv/node/${name}`)

/**
 * The Node built-ins that work where only web APIs exist: from unenv where its module does what Node's does,
 * from `node/` where unenv has only a placeholder that throws or does nothing.
 *
 * Deliberately absent, although unenv has a module by that name: `stream` and `zlib` (its streams never emit
 * and its codecs throw), `fs`, `net`, `tls`, `http`, `https`, `http2`, `dgram`, `dns`, `child_process`, `cluster`,
 * `worker_threads`, `vm`, `v8`, `inspector`, `repl`, `readline`, `tty`, `module`, `domain`, `sqlite`, `wasi`,
 * `trace_events`: an isolate has no such thing, and a build that fails beats a call that does.
 */
const OFFERED: Readonly<Record<string, () => string>> = {
  assert: () => own('assert.ts'),
  'assert/strict': () => own('assert-strict.ts'),
  async_hooks: () => own('async-hooks.ts'),
  buffer: () => unenv('buffer'),
  console: () => own('console.ts'),
  crypto: () => own('crypto.ts'),
  diagnostics_channel: () => unenv('diagnostics_channel'),
  events: () => own('events.ts'),
  os: () => unenv('os'),
  path: () => unenv('path'),
  'path/posix': () => unenv('path'),
  perf_hooks: () => unenv('perf_hooks'),
  process: () => own('process.ts'),
  punycode: () => unenv('punycode'),
  querystring: () => unenv('querystring'),
  'stream/web': () => own('stream-web.ts'),
  string_decoder: () => own('string-decoder.ts'),
  sys: () => own('util.ts'),
  timers: () => own('timers.ts'),
  'timers/promises': () => own('timers-promises.ts'),
  url: () => unenv('url'),
  util: () => own('util.ts'),
  'util/types': () => own('util-types.ts'),
}

/** Names of the offered built-ins, without `node:`. */
export const OFFERED_BUILTINS: readonly string[] = Object.keys(OFFERED)

/** Is it a module of Node itself, with or without `node:`? */
export function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || isNodeBuiltin(specifier)
}

/** The file that stands for a package which is made of Node's own modules, where the guest can do the same. */
export function replacementFile(name: string): string | null {
  return name === 'node-fetch' ? own('node-fetch.ts') : null
}

/** What polyfills get for a built-in; it may be less than what is offered to authors. */
export function builtinFileForPolyfill(name: string): string | null {
  // Only its AsyncResource is wanted there: AsyncLocalStorage has a price (see lowering.ts).
  return name === 'async_hooks' ? own('async-resource.ts') : builtinFile(name)
}

/** The name of a built-in without `node:`. */
export function builtinName(specifier: string): string {
  return specifier.startsWith('node:') ? specifier.slice('node:'.length) : specifier
}

/** The file that stands for a built-in where Node is absent; null when an isolate cannot offer it. */
export function builtinFile(name: string): string | null {
  return Object.hasOwn(OFFERED, name) ? OFFERED[name]!() : null
}

/** Which built-in a file stands for, as esbuild names the file; null for any other file. */
export function builtinOf(file: string): string | null {
  const tail = file.replaceAll('\\', '/').split('/').slice(-2).join('/')
  const found = Object.entries(OFFERED).find(([, where]) =>
    where().replaceAll('\\', '/').endsWith(`/${tail}`),
  )
  return found?.[0] ?? null
}

const unenvRoot = path.dirname(require.resolve('unenv/package.json'))
const OWN_AND_UNENV = [OWN_BUILTINS, unenvRoot]

/** Is the file one of the polyfills? Their imports are trusted, and they are never rewritten. */
export function isPolyfill(file: string): boolean {
  return OWN_AND_UNENV.some((root) => file.startsWith(root + path.sep))
}

/** Globals of Node that a bundle gets when its code names them, and the file that supplies each. */
export const NODE_GLOBALS: Readonly<Record<string, string>> = {
  Buffer: own('global-buffer.ts'),
  process: own('global-process.ts'),
  setImmediate: own('global-immediate.ts'),
  clearImmediate: own('global-immediate.ts'),
}
