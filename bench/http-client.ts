import { Connection } from './load/connection.ts'
import { requestBytes } from './load/plan.ts'

/** An answer with how long it took. */
export interface Reply {
  readonly status: number
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** From the request's write to the first byte of the answer. Milliseconds. */
  readonly firstByteMs: number
  /** From the request's write to the last byte of the answer. Milliseconds. */
  readonly totalMs: number
}

/** Requests one after the other over one kept-alive connection, timed. */
export interface HttpClient {
  /** @throws Error when no answer comes */
  request(method: string, path: string, json?: unknown): Promise<Reply>
  /** The same for a request that was made before. */
  send(request: Buffer): Promise<Reply>
  close(): void
}

/** Longer than any build is waited for. Milliseconds. */
const ANSWER_WITHIN = 60_000

interface Pending {
  readonly sentAt: number
  readonly pieces: Buffer[]
  firstByteMs: number
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: Error) => void
}

/** Makes a client; it connects with its first request. Leaner than `fetch`, whose own time would be measured too. */
export function startHttpClient(host: string, port: number): HttpClient {
  let pending: Pending | null = null
  const take = (): Pending | null => {
    const taken = pending
    pending = null
    return taken
  }
  const connection = new Connection(host, port, {
    firstByte() {
      if (pending !== null) pending.firstByteMs = performance.now() - pending.sentAt
    },
    body: (piece) => pending?.pieces.push(Buffer.from(piece)),
    answered({ status, text }) {
      const asked = take()
      if (asked === null) return
      const { firstByteMs, sentAt, pieces } = asked
      const totalMs = performance.now() - sentAt
      const body = Buffer.concat(pieces).toString()
      asked.resolve({ status, headers: headersOf(text), body, firstByteMs, totalMs })
    },
    failed: (reason) => take()?.reject(new Error(`Cannot get an answer from port ${port}: ${reason}`)),
  })
  const send = (request: Buffer): Promise<Reply> => {
    if (pending !== null) throw new Error('Cannot send a second request: the first has no answer yet')
    return new Promise<Reply>((resolve, reject) => {
      const timer = setTimeout(() => connection.abort('timeout'), ANSWER_WITHIN)
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer)
          settle(value)
        }
      pending = {
        sentAt: performance.now(),
        pieces: [],
        firstByteMs: 0,
        resolve: settled(resolve),
        reject: settled(reject),
      }
      connection.send(request)
    })
  }
  return {
    send,
    request(method, path, json) {
      const body = json === undefined ? {} : { body: JSON.stringify(json) }
      const headers: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' }
      return send(requestBytes({ host, port, path, method, headers, ...body }))
    },
    close: () => connection.close(),
  }
}

function headersOf(text: string): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of text.split('\r\n').slice(1)) {
    const colon = line.indexOf(':')
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return headers
}
