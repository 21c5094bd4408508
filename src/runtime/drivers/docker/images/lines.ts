import { StringDecoder } from 'node:string_decoder'
import { stripVTControlCharacters } from 'node:util'

/** Longer lines come in pieces: a program that prints without end must not fill the memory. */
const MAX_LINE = 8192

/** Cuts what a program prints into lines of plain text; empty ones are left out. */
export class Lines {
  readonly #onLine: (line: string) => void
  readonly #decoder = new StringDecoder('utf8')
  #open = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(bytes: Uint8Array): void {
    const parts = (this.#open + this.#decoder.write(Buffer.from(bytes))).split(/\r?\n|\r/)
    this.#open = parts.pop()!
    for (const part of parts) this.#tell(part)
    if (this.#open.length > MAX_LINE) {
      this.#tell(this.#open)
      this.#open = ''
    }
  }

  end(): void {
    this.#tell(this.#open + this.#decoder.end())
    this.#open = ''
  }

  #tell(text: string): void {
    const line = stripVTControlCharacters(text)
      .replaceAll(/[\0-\x08\x0b-\x1f\x7f]/g, '')
      .trimEnd()
    if (line !== '') this.#onLine(line)
  }
}
