import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import * as vm from 'node:vm'
import { type Bundler, createBundler } from '../../../src/deploy/bundle/bundler.ts'
import type { Artifact, BuildError, Deployment } from '../../../src/domain/deployment.ts'
import { BuildFailure } from '../../../src/runtime/failures.ts'

interface Options {
  libraryDir?: string
  lock?: string
  polyfillNode?: boolean
  env?: Record<string, string>
  log?: (line: string) => void
  signal?: AbortSignal
}

/** What a guest would hold: the author's namespace. */
export type Namespace = Record<string, unknown> & { default?: unknown }

/** A deployment of some code; everything else does not matter to the bundler. */
export function deploymentOf(code: string, env: Record<string, string> = {}): Deployment {
  return {
    callback_id: 1,
    version: 1,
    runtime: 'isolate',
    path: 'hello',
    method: 'GET',
    type: 'node',
    code,
    library: null,
    env,
    limits: {},
    response_mode: 'proxy',
    artifact: null,
  }
}

/** One bundler for a test file, with what tests do with it. */
export class BundlerFixture implements AsyncDisposable {
  readonly bundler: Bundler = createBundler()

  bundle(code: string, options: Options = {}): Promise<Artifact> {
    const { libraryDir = null, lock = null, polyfillNode = true, env, log = () => {} } = options
    const signal = options.signal ?? AbortSignal.timeout(20_000)
    const target = { runtime: 'isolate', polyfillNode, externalPackages: false } as const
    return this.bundler.bundle(deploymentOf(code, env), target, { libraryDir, lock, signal, log })
  }

  async main(code: string, options?: Options): Promise<string> {
    return text(await this.bundle(code, options), 'main.js')
  }

  async load(code: string, options?: Options): Promise<Namespace> {
    return evaluate(await this.main(code, options))
  }

  async failure(code: string, options?: Options): Promise<BuildError> {
    try {
      await this.bundle(code, options)
    } catch (error) {
      if (error instanceof BuildFailure) return error.error
      throw error
    }
    throw new Error(`the build of ${JSON.stringify(code)} was expected to fail`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bundler[Symbol.asyncDispose]()
  }
}

/** A file of an artifact as text. */
export function text(artifact: Artifact, name: string): string {
  return new TextDecoder().decode(artifact.files[name])
}

/** Runs a bundle the way ES modules run, with the globals of the host. */
export async function evaluate(main: string): Promise<Namespace> {
  const module = (await import(`data:text/javascript;base64,${btoa(binary(main))}`)) as {
    callback: Namespace
  }
  return module.callback
}

function binary(source: string): string {
  return Array.from(new TextEncoder().encode(source), (byte) => String.fromCharCode(byte)).join('')
}

/** What an isolate has besides the language: web APIs, and nothing of Node but the environment. */
function webGlobals(env: Record<string, string>) {
  return {
    console,
    TextDecoder,
    TextEncoder,
    URL,
    URLSearchParams,
    AbortController,
    AbortSignal,
    Event,
    EventTarget,
    Blob,
    ReadableStream,
    WritableStream,
    TransformStream,
    atob,
    btoa,
    crypto,
    performance,
    queueMicrotask,
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    structuredClone,
    process: { env },
  }
}

/** Runs a bundle where there is nothing of Node: polyfills have to stand on their own. No top-level `await`. */
export function evaluateBare(main: string, env: Record<string, string> = {}): Namespace {
  const exported = /export\{(\w+)(?: as callback)?\};?\s*$/.exec(main)
  if (exported === null) throw new Error('the bundle does not end with its one export')
  // Within a function, as within a module, a declaration is no property of the global.
  const script = `globalThis.namespace=(()=>{\n${main.slice(0, exported.index)};return ${exported[1]}})()`
  const context = vm.createContext(webGlobals(env))
  vm.runInContext(script, context, { filename: 'main.js', lineOffset: -1 })
  return (context as { namespace: Namespace }).namespace
}

/** A folder with made-up packages in `node_modules`: file texts by path. */
export async function libraryOf(files: Record<string, string>): Promise<{ dir: string } & AsyncDisposable> {
  const dir = await mkdtemp(path.join(tmpdir(), 'faas-library-'))
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(dir, 'node_modules', name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}
