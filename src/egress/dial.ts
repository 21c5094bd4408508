import * as net from 'node:net'
import * as tls from 'node:tls'

/** One end of a connection to be: the addresses were checked, and nothing else is connected to. */
export interface Endpoint {
  /** The host that the function named, as TLS must find it in the certificate. */
  readonly name: string
  readonly addresses: readonly string[]
  readonly port: number
  readonly secure: boolean
}

/** Longest a connection may take, TLS included. Milliseconds. */
const CONNECT_WITHIN = 10_000
/** How long one address has before the next one is tried beside it, as RFC 8305 advises. Milliseconds. */
const HEAD_START = 250

/**
 * Connects to the first of the addresses that answers.
 * @throws Error of the last one that failed
 */
export async function dial(endpoint: Endpoint, signal?: AbortSignal): Promise<net.Socket> {
  const { promise: given, reject } = Promise.withResolvers<never>()
  given.catch(() => undefined)
  const late = new Error(`${endpoint.name} could not be connected to within ${CONNECT_WITHIN} ms`)
  const timer = setTimeout(() => reject(late), CONNECT_WITHIN)
  const abort = () => reject(signal?.reason ?? new Error('it was given up'))
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  try {
    const socket = await race(endpoint, given)
    return endpoint.secure ? await encrypt(endpoint, socket, given) : socket
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

/** Tries one address after the other, each with a head start; the first connection wins, the rest are dropped. */
function race({ addresses, port }: Endpoint, given: Promise<never>): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>()
  const attempts = new Set<net.Socket>()
  let next = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let failure: unknown = new Error('it has no address')

  const attempt = () => {
    clearTimeout(timer)
    const host = addresses[next++]
    if (host === undefined) {
      if (attempts.size === 0) reject(failure)
      return
    }
    timer = setTimeout(attempt, HEAD_START)
    const socket = net.connect({ host, port, noDelay: true, keepAlive: true })
    attempts.add(socket)
    socket.once('connect', () => {
      attempts.delete(socket)
      socket.removeAllListeners('error')
      resolve(socket)
    })
    socket.once('error', (error) => {
      attempts.delete(socket)
      failure = error
      attempt()
    })
  }
  attempt()
  return Promise.race([promise, given]).finally(() => {
    clearTimeout(timer)
    next = addresses.length
    for (const socket of attempts) {
      socket.removeAllListeners('error')
      drop(socket)
    }
  })
}

function encrypt({ name }: Endpoint, socket: net.Socket, given: Promise<never>): Promise<net.Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<net.Socket>()
  const secured = tls.connect({
    socket,
    host: name,
    ...(net.isIP(name) === 0 ? { servername: name } : {}),
    ALPNProtocols: ['http/1.1'],
  })
  secured.once('secureConnect', () => {
    secured.off('error', reject)
    resolve(secured)
  })
  secured.once('error', reject)
  return Promise.race([promise, given]).catch((error: unknown) => {
    drop(secured)
    drop(socket)
    throw error
  })
}

/** What a connection that nobody wants still has to say is of no interest. */
function drop(socket: net.Socket): void {
  socket.on('error', () => undefined)
  socket.destroy()
}
