import * as encoding from '@exodus/bytes/encoding.js'
import { need, toDictionary } from './convert.ts'
import { exposeInterfaces } from './define.ts'

// With the tables of the legacy encodings: of the 7 ms that an isolate takes to restore they are 0.3. The library's
// objects hold their attributes themselves and know no receiver; what scripts see has the shape of the standard.

/** https://encoding.spec.whatwg.org/#interface-textdecoder */
class TextDecoder {
  readonly #decoder: globalThis.TextDecoder

  constructor(label: unknown = 'utf-8', options: unknown = undefined) {
    this.#decoder = new encoding.TextDecoder(`${label as string}`, readOptions(options, 'TextDecoder'))
  }

  get encoding(): string {
    return this.#decoder.encoding
  }
  get fatal(): boolean {
    return this.#decoder.fatal
  }
  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM
  }
  decode(input: unknown = undefined, options: unknown = undefined): string {
    const { stream } = toDictionary(options, 'TextDecoder.decode')
    return this.#decoder.decode(input as Uint8Array | undefined, { stream: Boolean(stream) })
  }
}

/** https://encoding.spec.whatwg.org/#interface-textencoder */
class TextEncoder {
  readonly #encoder = new encoding.TextEncoder()

  get encoding(): string {
    return this.#encoder.encoding
  }
  encode(input: unknown = ''): Uint8Array {
    return this.#encoder.encode(input as string)
  }
  encodeInto(source: unknown, destination: unknown): { read: number; written: number } {
    need(arguments.length, 2, 'TextEncoder.encodeInto')
    return this.#encoder.encodeInto(source as string, destination as Uint8Array)
  }
}

/** https://encoding.spec.whatwg.org/#interface-textdecoderstream */
class TextDecoderStream {
  readonly #pair: globalThis.TextDecoderStream

  constructor(label: unknown = 'utf-8', options: unknown = undefined) {
    const settings = readOptions(options, 'TextDecoderStream')
    this.#pair = new encoding.TextDecoderStream(`${label as string}`, settings)
  }

  get encoding(): string {
    return this.#pair.encoding
  }
  get fatal(): boolean {
    return this.#pair.fatal
  }
  get ignoreBOM(): boolean {
    return this.#pair.ignoreBOM
  }
  get readable(): ReadableStream<string> {
    return this.#pair.readable
  }
  get writable(): WritableStream<BufferSource> {
    return this.#pair.writable
  }
}

/** https://encoding.spec.whatwg.org/#interface-textencoderstream */
class TextEncoderStream {
  readonly #pair = new encoding.TextEncoderStream()

  get encoding(): string {
    return this.#pair.encoding
  }
  get readable(): ReadableStream<Uint8Array> {
    return this.#pair.readable
  }
  get writable(): WritableStream<string> {
    return this.#pair.writable
  }
}

function readOptions(options: unknown, what: string): { fatal: boolean; ignoreBOM: boolean } {
  const { fatal, ignoreBOM } = toDictionary(options, what)
  return { fatal: Boolean(fatal), ignoreBOM: Boolean(ignoreBOM) }
}

exposeInterfaces({ TextDecoder, TextDecoderStream, TextEncoder, TextEncoderStream })
