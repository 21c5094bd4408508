import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

/** Where an image with a library has its packages. */
const LIBRARY = '/faas/node/node_modules'
/** How stacks name the author's module, everywhere. */
const NAME = 'main.js'

/** The author's module as a file, for which packages resolve as Node resolves them and which workers can be made of. */
export class AuthorModule {
  readonly file: string
  readonly #url: string
  readonly #place: RegExp
  /** Frames of the guest itself, in text that is JSON. */
  readonly #own: RegExp

  /** @param folder is made for it */
  constructor(folder: string, code: Uint8Array) {
    mkdirSync(folder, { mode: 0o700 })
    if (existsSync(LIBRARY)) symlinkSync(LIBRARY, `${folder}/node_modules`)
    this.file = `${folder}/main.mjs`
    this.#url = pathToFileURL(this.file).href
    // In stacks alone, where a line follows: what the author prints of a path stays true.
    this.#own = new RegExp(String.raw`\\n {4}at (?:(?!\\n)[^"])*?${escaped(__filename)}:\d+:\d+\)?`, 'g')
    this.#place = new RegExp(`(?:file://)?${escaped(this.file)}(?=:\\d)`, 'g')
    writeFileSync(this.file, code)
  }

  async load(): Promise<Record<string, unknown>> {
    try {
      const { callback } = (await import(this.#url)) as { callback: Record<string, unknown> }
      return callback
    } catch (error) {
      if (error instanceof Error) this.#explain(error)
      throw error
    }
  }

  /** JSON with the places in stacks named as in every other runtime, for the source map belongs to that name. */
  named(json: string): string {
    const text = json.includes(__filename) ? json.replaceAll(this.#own, '') : json
    return text.includes(this.file) ? text.replaceAll(this.#place, NAME) : text
  }

  /** Node's sentences name files that the author does not know. */
  #explain(error: Error): void {
    const missing = /^Cannot find package '([^']+)' imported from (.+)$/.exec(error.message)
    if (missing !== null && missing[2] === this.file) {
      const [, name] = missing
      const found = existsSync(LIBRARY) ? 'it is not in `library`' : 'the callback has no `library`'
      error.message = `Cannot resolve "${name}": ${found}; add "${name}" to the dependencies of \`library\``
      error.stack = `${error.name}: ${error.message}`
      return
    }
    // Node puts the line of the code before the stack: that of a bundle is most of the bundle.
    const { stack = '' } = error
    const from = stack.indexOf(`${error.name}:`)
    if (from > 0 && /^(?:file:\/\/)?\//.test(stack)) error.stack = stack.slice(from)
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[^\w/]/g, '\\$&')
}
