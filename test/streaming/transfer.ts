import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { isPattern, patternAt } from './pattern.ts'

/** One exchange with a gateway: so many bytes of the pattern up, whatever comes down. */
export interface Transfer {
  readonly port: number
  /** Behind /api/. */
  readonly path: string
  /** Bytes of the request's body. */
  readonly up?: number
  /** Without a content-length, in chunks. */
  readonly chunked?: boolean
  /** Hears how many bytes have gone up or come down, whichever is more. */
  readonly progress?: (bytes: number) => void
}

/** What came down. */
export interface Transferred {
  readonly status: number
  readonly bytes: number
  /** They were the pattern. */
  readonly intact: boolean
  /** The beginning, as text: an answer that is no pattern. */
  readonly text: string
}

const TEXT = 1000

/** Runs it to its end, no faster in either direction than the gateway takes and gives. */
export async function transfer(options: Transfer): Promise<Transferred> {
  const outgoing = open(options)
  const answer = answerOf(outgoing)
  const { up = 0, progress = () => undefined } = options
  const sent = send(outgoing, up, progress)
  // An answer may come before all was sent: what goes wrong with the rest shows in the answer.
  sent.catch(() => undefined)
  return receive(await answer, progress)
}

/** A request whose head goes out with the first piece that is written to it. */
export function open({ port, path, up = 0, chunked = false }: Transfer): ClientRequest {
  const headers = up === 0 || chunked ? {} : { 'content-length': up }
  const method = up === 0 ? 'GET' : 'POST'
  // A connection of its own: what is wrong with one transfer must not show in the next.
  return request({ host: '127.0.0.1', port, path: `/api/${path}`, method, headers, agent: false })
}

/** The head of the answer. */
export function answerOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
  })
}

/** Writes the pattern and the end, waiting whenever the connection is full. @param onSent how much was handed over */
export async function send(
  outgoing: ClientRequest,
  bytes: number,
  onSent: (bytes: number) => void = () => undefined,
): Promise<void> {
  for (let at = 0; at < bytes; ) {
    const piece = patternAt(at, bytes - at)
    const room = outgoing.write(piece)
    at += piece.length
    onSent(at)
    if (!room) await drained(outgoing)
  }
  outgoing.end()
}

async function receive(answer: IncomingMessage, progress: (bytes: number) => void): Promise<Transferred> {
  let bytes = 0
  let intact = true
  let text = ''
  for await (const piece of answer as AsyncIterable<Uint8Array>) {
    intact &&= isPattern(piece, bytes)
    if (text.length < TEXT) text += new TextDecoder().decode(piece.subarray(0, TEXT))
    bytes += piece.length
    progress(bytes)
  }
  return { status: answer.statusCode ?? 0, bytes, intact, text }
}

function drained(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error) => {
      for (const event of ['drain', 'close', 'error']) outgoing.off(event, done)
      if (error === undefined) resolve()
      else reject(error)
    }
    for (const event of ['drain', 'close', 'error']) outgoing.once(event, done)
  })
}
