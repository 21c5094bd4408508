import { realpath } from 'node:fs/promises'
import * as path from 'node:path'
import type { BuildOptions, BuildResult, BuildFailure as EsbuildFailure, Loader, Message } from 'esbuild'
import { artifactOf } from '../../domain/artifact.ts'
import type { Artifact, Deployment } from '../../domain/deployment.ts'
import { BuildFailure } from '../../runtime/failures.ts'
import type { BundleTarget } from '../../runtime/runtime.ts'
import { trimMap } from './artifact.ts'
import { NODE_GLOBALS } from './builtins.ts'
import { buildError, buildFailure, describe, fatalWarning, isSyntaxError } from './failures.ts'
import { type Lacking, lackingOf } from './lacking.ts'
import { needsLoweredAsync } from './lowering.ts'
import { missingMember } from './members.ts'
import { buildOptions } from './options.ts'
import { ENTRY_CODE, sourcePlugin } from './plugin.ts'
import { memberUnavailable } from './refusals.ts'

/** What a bundle needs besides the deployment. */
export interface BundleExtras {
  /** The folder whose `node_modules` holds the installed library; null without one. */
  readonly libraryDir: string | null
  /** The text of `package-lock.json`, kept with the artifact; null without a library. */
  readonly lock: string | null
  readonly signal: AbortSignal
  readonly log: (line: string) => void
}

/**
 * Makes one ES module of an author's TypeScript, JavaScript or JSX and its library.
 *
 * The shape a guest receives: `main.js` has one export, `callback`, which is the namespace of the author's
 * module. An ES module's exports are its properties (`callback.default`, `callback.handler`). For CommonJS
 * `callback.default` is `module.exports`, and the properties of that object are properties of `callback` too,
 * so `exports.handler = …`, `module.exports = { handler }` and `export function handler` look alike.
 * `main.js` has no static import where Node is polyfilled; elsewhere only those of `node:` modules, and of packages
 * where these stay outside.
 */
export interface Bundler extends AsyncDisposable {
  /** Starts esbuild ahead of the first bundle. */
  warm(): Promise<void>
  /** @throws BuildFailure with the place in the author's source */
  bundle(deployment: Deployment, target: BundleTarget, extras: BundleExtras): Promise<Artifact>
}

type Esbuild = typeof import('esbuild')
type Bundled = BuildResult<BuildOptions & { write: false; metafile: true }>

/** What the author's file may be, in the order of trying: most code is all of them at once. */
const LOADERS: readonly Loader[] = ['tsx', 'ts', 'jsx']

/** Creates the bundler. esbuild is loaded on first use and stays: it is one child process. */
export function createBundler(): Bundler {
  let loading: Promise<Esbuild> | null = null
  const load = () => (loading ??= import('esbuild'))
  return {
    async warm() {
      await (await load()).transform('')
    },
    async bundle(deployment, target, extras) {
      extras.signal.throwIfAborted()
      return new Bundle(await load(), deployment, target, extras).run()
    },
    async [Symbol.asyncDispose]() {
      if (loading === null) return
      const esbuild = await loading
      loading = null
      await esbuild.stop()
    },
  }
}

class Bundle {
  readonly #esbuild: Esbuild
  readonly #deployment: Deployment
  readonly #target: BundleTarget
  readonly #extras: BundleExtras
  #libraryDir: string | null = null
  #lacking: Lacking = new Map()

  constructor(esbuild: Esbuild, deployment: Deployment, target: BundleTarget, extras: BundleExtras) {
    this.#esbuild = esbuild
    this.#deployment = deployment
    this.#target = target
    this.#extras = extras
  }

  async run(): Promise<Artifact> {
    const { libraryDir, lock, log } = this.#extras
    this.#libraryDir = libraryDir === null ? null : await realpath(libraryDir)
    const result = await this.#build()
    for (const warning of result.warnings) log(`warning: ${describe(buildError(warning))}`)
    const fatal = fatalWarning(result.warnings)
    if (fatal !== null) throw fatal
    const file = (name: string) => result.outputFiles.find((output) => path.basename(output.path) === name)!
    const map = trimMap(file('main.js.map').text)
    await this.#checkMembers(file('main.js').text, map, result)
    const encoder = new TextEncoder()
    return artifactOf('javascript', {
      'main.js': file('main.js').contents,
      'main.js.map': encoder.encode(map),
      ...(lock === null ? {} : { 'package-lock.json': encoder.encode(lock) }),
    })
  }

  async #checkMembers(main: string, map: string, result: Bundled): Promise<void> {
    const missing = this.#target.polyfillNode ? await missingMember(main, map, result.metafile) : null
    if (missing === null) return
    const { file, line, column, module, member } = missing
    const error = { ...memberUnavailable(module, member), step: 'bundle', file, line, column } as const
    this.#extras.log(`error: ${describe(error)}`)
    throw new BuildFailure(error)
  }

  async #build(): Promise<Bundled> {
    let told: Message[] | null = null
    for (const loader of LOADERS) {
      const attempt = await this.#tryWithStandIns(loader)
      if ('metafile' in attempt) return this.#lowered(attempt, loader)
      if (!attempt.errors.some(isSyntaxError)) throw this.#failure(attempt.errors)
      // Most mistakes are told best by the reading that knows most syntax, but not of generics taken for JSX.
      if (told === null || told.some(isMistakenJsx)) told = attempt.errors
    }
    throw this.#failure(told!)
  }

  /** Context that follows a promise can be had only where no `await` is left in the code. */
  async #lowered(result: Bundled, loader: Loader): Promise<Bundled> {
    if (!this.#target.polyfillNode || !needsLoweredAsync(result.metafile)) return result
    const again = await this.#try(loader, true)
    if ('metafile' in again) return again
    throw this.#failure(again.errors)
  }

  /** Packages that import what a built-in lacks are built once more, with stand-ins for it. */
  async #tryWithStandIns(loader: Loader): Promise<Bundled | { errors: Message[] }> {
    const attempt = await this.#try(loader)
    const lacking = 'metafile' in attempt ? null : lackingOf(attempt.errors)
    if (lacking === null) return attempt
    this.#lacking = lacking
    return this.#try(loader)
  }

  async #try(loader: Loader, lowerAsync = false): Promise<Bundled | { errors: Message[] }> {
    const { signal } = this.#extras
    const { polyfillNode, externalPackages } = this.#target
    const context = await this.#esbuild.context({
      ...buildOptions(this.#deployment, this.#target),
      stdin: { contents: ENTRY_CODE, loader: 'js', sourcefile: 'entry.js' },
      absWorkingDir: this.#libraryDir ?? path.parse(process.cwd()).root,
      inject: polyfillNode ? this.#globals() : [],
      plugins: [
        sourcePlugin({
          code: this.#deployment.code,
          loader,
          libraryDir: this.#libraryDir,
          polyfillNode,
          external: externalPackages ? this.#deployment : null,
          lacking: this.#lacking,
          lower: lowerAsync ? this.#esbuild.transform : null,
        }),
      ],
      write: false,
      metafile: true,
    })
    const cancel = () => void context.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      return (await context.rebuild()) as Bundled
    } catch (error) {
      signal.throwIfAborted()
      if (isEsbuildFailure(error)) return { errors: error.errors }
      throw error
    } finally {
      signal.removeEventListener('abort', cancel)
      await context.dispose()
    }
  }

  /** The files of the globals that may be in use: without a library only the author's own words count. */
  #globals(): string[] {
    const { code } = this.#deployment
    const wanted = Object.entries(NODE_GLOBALS).filter(
      ([name]) => this.#libraryDir !== null || new RegExp(`\\b${name}\\b`).test(code),
    )
    return [...new Set(wanted.map(([, file]) => file))]
  }

  #failure(errors: readonly Message[]): BuildFailure {
    for (const error of errors) this.#extras.log(`error: ${describe(buildError(error))}`)
    return buildFailure(errors)
  }
}

function isMistakenJsx(message: Message): boolean {
  return message.text.endsWith('is not valid inside a JSX element')
}

function isEsbuildFailure(error: unknown): error is EsbuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}
