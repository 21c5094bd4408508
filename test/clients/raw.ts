import { connect, type Socket } from 'node:net'

/** One answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  /** Names in lower case; fields that came twice are joined by a line break. */
  readonly headers: ReadonlyMap<string, string>
  /** One character a byte. */
  readonly body: string
}

/** A connection without manners: what is written goes out as it is, one character a byte. */
export interface RawClient {
  readonly socket: Socket
  write(bytes: string): void
  /** Waits for the next whole answer. @throws Error when the connection ends before, or nothing comes for long */
  answer(options?: { readonly head?: boolean }): Promise<RawAnswer>
  /** Waits until what came so far holds this text. */
  until(text: string): Promise<void>
  /** Resolves when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>
  /** Hangs up at once. */
  destroy(): void
}

const PATIENCE = 20_000

/** Connects. */
export function openRaw(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1')
  let buffer = ''
  let ended = false
  let changed: () => void = () => undefined
  socket.on('data', (bytes: Uint8Array) => {
    buffer += latin1(bytes)
    changed()
  })
  // A reset says no more than that the connection is gone.
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => {
    const end = () => {
      ended = true
      changed()
      resolve()
    }
    socket.on('end', end)
    socket.on('close', end)
  })

  const wait = async <T>(look: () => T | null, what: string): Promise<T> => {
    const end = Date.now() + PATIENCE
    for (;;) {
      const found = look()
      if (found !== null) return found
      if (ended)
        throw new Error(`the connection ended before ${what}: ${JSON.stringify(buffer.slice(0, 500))}`)
      if (Date.now() > end)
        throw new Error(`waited in vain for ${what}: ${JSON.stringify(buffer.slice(0, 500))}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 500)
        changed = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  const client: RawClient = {
    socket,
    write: (bytes) => void socket.write(Uint8Array.from(bytes, (character) => character.charCodeAt(0))),
    answer: async ({ head = false } = {}) => {
      const { answer, rest } = await wait(() => parseAnswer(buffer, head, ended), 'an answer')
      buffer = rest
      return answer
    },
    until: async (text) => {
      await wait(() => (buffer.includes(text) ? true : null), text)
    },
    closed,
    destroy: () => void socket.destroy(),
  }
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(client))
    socket.once('error', reject)
  })
}

/** One request on a connection of its own, and its answer. */
export async function exchange(port: number, bytes: string, head = false): Promise<RawAnswer> {
  const client = await openRaw(port)
  client.write(bytes)
  try {
    return await client.answer({ head })
  } finally {
    client.destroy()
  }
}

/** A request with a head of these lines behind the request line; `host` and the empty line are added. */
export function requestOf(line: string, headers: readonly string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, 'host: 127.0.0.1', ...headers, '', body].join('\r\n')
}

/** The first whole answer in what came, null while it is not whole. */
export function parseAnswer(
  text: string,
  head: boolean,
  ended: boolean,
): { answer: RawAnswer; rest: string } | null {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return null
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1])
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}\n${value}`)
  }
  const rest = text.slice(end + 4)
  if (status === 100) return parseAnswer(rest, head, ended)
  const whole = (body: string, length: number) => ({
    answer: { status, headers, body },
    rest: rest.slice(length),
  })
  if (head || status === 204 || status === 304) return whole('', 0)
  if (headers.get('transfer-encoding') === 'chunked') return parseChunks(rest, whole)
  const length = headers.get('content-length')
  if (length === undefined) return ended ? whole(rest, rest.length) : null
  return rest.length < Number(length) ? null : whole(rest.slice(0, Number(length)), Number(length))
}

function parseChunks<T>(text: string, whole: (body: string, length: number) => T): T | null {
  let body = ''
  for (let at = 0; ; ) {
    const line = text.indexOf('\r\n', at)
    if (line === -1) return null
    const size = Number.parseInt(text.slice(at, line), 16)
    const start = line + 2
    if (text.length < start + size + 2) return null
    if (size === 0) return whole(body, start + 2)
    body += text.slice(start, start + size)
    at = start + size + 2
  }
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return text
}
