import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { AnswerBody } from './answer-body.ts'
import { decodersOf } from './decode.ts'
import type { Endpoint } from './dial.ts'
import type { Pools } from './pools.ts'
import { bodyLength, requestHeaders } from './request-head.ts'

type SentBody = Uint8Array | Readable | null

/** Statuses whose answers have no body. */
const BODILESS = new Set([204, 205, 304])
/** A body that is known to be this short is sent in one piece with its head. */
const SHORT = 1_048_576

/**
 * One request and its answer, no redirect followed. Resolves at the answer's head.
 * @throws Error when there is no answer, the signal's reason when it was given up
 */
export async function hop(
  pools: Pools,
  endpoint: Endpoint,
  request: Request,
  url: URL,
  depth: number,
): Promise<Response> {
  const headers = requestHeaders(request.headers, depth)
  const body = await bodyOf(request, headers)
  const options = { path: url.pathname + url.search, method: request.method, headers, body }
  return new Promise((resolve, reject) => {
    pools
      .dispatch(endpoint, options, (ended) => new Hop(request, resolve, reject, ended))
      .catch((error: unknown) => reject(error))
  })
}

/** Fetch gives a length to every body that has one, and to the missing body of methods that mean one. */
async function bodyOf(request: Request, headers: string[]): Promise<SentBody> {
  const { body } = request
  if (body === null) return null
  const length = bodyLength(request.headers)
  if (length !== null && length <= SHORT) return readWhole(body, length)
  if (length !== null) headers.push('content-length', String(length))
  // It takes any stream that can be iterated over; its types name fewer.
  return body as unknown as Readable
}

/** @throws TypeError when the body is not as long as it says: what is read is bounded by that */
async function readWhole(body: ReadableStream<Uint8Array>, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let at = 0
  for await (const piece of body) {
    if (at + piece.length > length)
      throw new TypeError(`its body is longer than its content-length of ${length}`)
    bytes.set(piece, at)
    at += piece.length
  }
  if (at < length) throw new TypeError(`its body has ${at} bytes and a content-length of ${length}`)
  return bytes
}

/** Takes what the connection tells of one exchange. */
class Hop implements Dispatcher.DispatchHandler {
  readonly #request: Request
  readonly #resolve: (response: Response) => void
  readonly #reject: (error: unknown) => void
  readonly #ended: () => void
  #controller: Dispatcher.DispatchController | null = null
  #body: AnswerBody | null = null

  constructor(
    request: Request,
    resolve: (response: Response) => void,
    reject: (error: unknown) => void,
    ended: () => void,
  ) {
    this.#request = request
    this.#resolve = resolve
    this.#reject = reject
    this.#ended = ended
    request.signal.addEventListener('abort', this.#onAbort, { once: true })
    if (request.signal.aborted) this.#onAbort()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#request.signal.aborted) controller.abort(this.#reason())
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    statusText = '',
  ): void {
    // Those before the last are for the connection: 100 Continue, 103 Early Hints.
    if (status < 200) return
    try {
      const headers = pairsOf(controller.rawHeaders as readonly Buffer[])
      const bodiless = BODILESS.has(status) || this.#request.method === 'HEAD'
      if (!bodiless) this.#body = new AnswerBody(controller, decoders(headers))
      this.#resolve(new Response(this.#body?.stream ?? null, { status, statusText, headers }))
    } catch (error) {
      this.#reject(error)
      controller.abort(error as Error)
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, bytes: Uint8Array): void {
    this.#body?.data(bytes)
  }

  onResponseEnd(): void {
    this.#finish()
    this.#body?.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish()
    this.#reject(error)
    this.#body?.error(new TypeError(`the connection ended before the body did: ${error.message}`))
  }

  readonly #onAbort = () => {
    this.#reject(this.#reason())
    this.#controller?.abort(this.#reason())
  }

  #reason(): Error {
    const { reason } = this.#request.signal
    return reason instanceof Error ? reason : new Error(String(reason))
  }

  #finish(): void {
    this.#request.signal.removeEventListener('abort', this.#onAbort)
    this.#ended()
  }
}

/** Header bytes are characters, one each, as fetch has them. */
function pairsOf(raw: readonly Buffer[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2)
    pairs.push([raw[at]!.toString('latin1'), raw[at + 1]!.toString('latin1')])
  return pairs
}

function decoders(headers: readonly (readonly [string, string])[]) {
  const codings = headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .map(([, value]) => value)
  return codings.length === 0 ? [] : decodersOf(codings.join()).map((create) => create())
}
