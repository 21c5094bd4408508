import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** One large call. */
export interface Transfer {
  /** From the first byte sent to the last one received. Milliseconds. */
  readonly ms: number
  readonly received: number
  /** The answer's first characters. */
  readonly text: string
}

const HOST = '127.0.0.1'
const PIECE = Buffer.alloc(65_536, 'x')
const KEPT = 100

/** Sends a body of so many bytes, as a stream without a length, and reads the answer. 0: a GET without one. @throws Error unless the answer is a 200 */
export async function transfer(port: number, path: string, bytes: number): Promise<Transfer> {
  const began = performance.now()
  const method = bytes === 0 ? 'GET' : 'POST'
  const headers = { 'content-type': 'application/octet-stream' }
  const asked = request({ host: HOST, port, path, method, ...(bytes === 0 ? {} : { headers }) })
  const answered = new Promise<Transfer>((resolve, reject) => {
    asked.once('error', reject)
    asked.once('response', (response) => {
      let received = 0
      let text = ''
      response.on('data', (piece: Buffer) => {
        received += piece.length
        if (text.length < KEPT) text += piece.subarray(0, KEPT).toString('latin1')
      })
      response.once('error', reject)
      response.once('end', () => {
        if (response.statusCode === 200) resolve({ ms: performance.now() - began, received, text })
        else reject(new Error(`Cannot measure ${path}: it answered ${response.statusCode} ${text}`))
      })
    })
  })
  const [answer] = await Promise.all([answered, pipeline(Readable.from(pieces(bytes)), asked)])
  return answer
}

function* pieces(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= PIECE.length)
    yield left >= PIECE.length ? PIECE : PIECE.subarray(0, left)
}
