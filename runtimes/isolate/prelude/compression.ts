import { STEP } from './compression-step.ts'
import { need } from './convert.ts'
import { exposeInterfaces } from './define.ts'
import { LOCAL } from './host.ts'
import { post } from './outbox.ts'
import { askHost } from './services.ts'
import { TransformStream } from './streams.ts'

type Bytes = Uint8Array<ArrayBuffer>
type Controller = TransformStreamDefaultController<Bytes>

const FORMATS = ['deflate', 'deflate-raw', 'gzip', 'brotli']
/** Bytes given to the host at once. */
const PIECE = 16_384

/** https://compression.spec.whatwg.org/ */
export class CompressionStream {
  readonly #pair: Pair

  constructor(format: unknown) {
    need(arguments.length, 1, 'CompressionStream')
    this.#pair = transform('compress', format)
  }

  get readable(): ReadableStream<Bytes> {
    return this.#pair.readable
  }
  get writable(): WritableStream<BufferSource> {
    return this.#pair.writable
  }
}

/** https://compression.spec.whatwg.org/#decompression-stream */
export class DecompressionStream {
  readonly #pair: Pair

  constructor(format: unknown) {
    need(arguments.length, 1, 'DecompressionStream')
    this.#pair = transform('decompress', format)
  }

  get readable(): ReadableStream<Bytes> {
    return this.#pair.readable
  }
  get writable(): WritableStream<BufferSource> {
    return this.#pair.writable
  }
}

type Pair = TransformStream<BufferSource, Bytes>

function transform(direction: 'compress' | 'decompress', format: unknown): Pair {
  const name = `${format as string}`
  if (!FORMATS.includes(name))
    throw new TypeError(`The format must be one of ${FORMATS.join(', ')}: it is "${name}"`)
  let handle: Promise<number> | null = null
  const opened = () => {
    handle ??= ask('zlib.open', [direction, name]) as Promise<number>
    return handle
  }
  const step = async (controller: Controller, service: string, ...args: unknown[]) => {
    const open = await opened()
    let output = (await ask(service, [open, ...args])) as Bytes
    while (output.length >= STEP) {
      controller.enqueue(output)
      output = (await ask('zlib.more', [open])) as Bytes
    }
    if (output.length > 0) controller.enqueue(output)
  }
  return new TransformStream<BufferSource, Bytes>({
    async transform(chunk, controller) {
      const bytes = toBytes(chunk)
      for (let at = 0; at < bytes.length; at += PIECE)
        await step(controller, 'zlib.write', bytes.slice(at, at + PIECE))
    },
    flush: (controller) => step(controller, 'zlib.end'),
    cancel() {
      handle?.then((open) => post(LOCAL.ASK, 0, 'zlib.close', [open])).catch(() => {})
    },
  } as Transformer<BufferSource, Bytes>)
}

async function ask(service: string, args: unknown[]): Promise<unknown> {
  try {
    return await askHost(service, args)
  } catch (failure) {
    throw new TypeError((failure as { message: string }).message)
  }
}

function toBytes(chunk: unknown): Uint8Array {
  if (ArrayBuffer.isView(chunk) && chunk.buffer instanceof ArrayBuffer)
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  throw new TypeError('A piece of the stream must be an ArrayBuffer or a view of one')
}

exposeInterfaces({ CompressionStream, DecompressionStream })
