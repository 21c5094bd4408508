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
 * Deliberately absent, although unenv has a module by that name: `fs`, `net`, `tls`, `http`, `https`, `http2`,
 * `dgram`, `dns`, `child_process`, `cluster`, `worker_threads`, `vm`, `v8`, `inspector`, `repl`, `readline`, `tty`,
 * `module`, `domain`, `sqlite`, `wasi`, `trace_events`: an isolate has no such thing, and for the author a build
 * that fails beats a call that does. A package may import them, see absent.ts.
 */
const OFFERED: Readonly<Record<string, () => string>> = {
  assert: () => own('assert.ts'),
  'assert/strict': () => own('assert-strict.ts'),
  async_hooks: () => own('async-hooks.ts'),
  buffer: () => own('buffer.ts'),
  console: () => own('console.ts'),
  crypto: () => own('crypto.ts'),
  diagnostics_channel: () => unenv('diagnostics_channel'),
  events: () => own('events.ts'),
  os: () => unenv('os'),
  path: () => own('path.ts'),
  'path/posix': () => own('path.ts'),
  perf_hooks: () => unenv('perf_hooks'),
  process: () => own('process.ts'),
  punycode: () => unenv('punycode'),
  querystring: () => own('querystring.ts'),
  stream: () => own('stream.ts'),
  'stream/consumers': () => own('stream-consumers.ts'),
  'stream/promises': () => own('stream-promises.ts'),
  'stream/web': () => own('stream-web.ts'),
  string_decoder: () => own('string-decoder.ts'),
  sys: () => own('util.ts'),
  timers: () => own('timers.ts'),
  'timers/promises': () => own('timers-promises.ts'),
  url: () => unenv('url'),
  util: () => own('util.ts'),
  'util/types': () => own('util-types.ts'),
  zlib: () => own('zlib.ts'),
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

/** What packages get for a built-in; some of what they import is only for their way on Node. */
export function builtinFileForPackage(name: string): string | null {
  return name === 'module' ? own('module.ts') : builtinFile(name)
}

/** What polyfills get for a built-in; it may be less than what is offered to authors. */
export function builtinFileForPolyfill(name: string): string | null {
  // Only its AsyncResource is wanted there: AsyncLocalStorage has a price (see lowering.ts).
  if (name === 'async_hooks') return own('async-resource.ts')
  if (name === 'abort-controller') return own('web-globals.ts')
  // A slash behind the name asks for the package that is called like the built-in.
  return builtinFile(name.replace(/\/$/, ''))
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

const packageRoot = (name: string): string => path.dirname(require.resolve(`${name}/package.json`))
const POLYFILLS = [OWN_BUILTINS, packageRoot('unenv'), packageRoot('readable-stream')]

/** Is the file one of the polyfills? Their imports are trusted, and they are never rewritten. */
export function isPolyfill(file: string): boolean {
  return POLYFILLS.some((root) => file.startsWith(root + path.sep))
}

/** Globals of Node that a bundle gets when its code names them, and the file that supplies each. */
export const NODE_GLOBALS: Readonly<Record<string, string>> = {
  Buffer: own('global-buffer.ts'),
  process: own('global-process.ts'),
  setImmediate: own('global-immediate.ts'),
  clearImmediate: own('global-immediate.ts'),
}
