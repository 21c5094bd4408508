import * as http from 'node:http'
import * as net from 'node:net'
import { type Limits, resolveLimits } from '../../src/domain/limits.ts'
import { createEgress, type EgressOptions } from '../../src/egress/egress.ts'
import type { Egress } from '../../src/runtime/runtime.ts'

/** A server on loopback that ends with the test. */
export interface LoopbackServer extends AsyncDisposable {
  readonly port: number
  /** Connections that were made to it so far. */
  connections(): number
}

/** An HTTP server. Every 127.x.y.z is an address of its own. */
export async function httpServer(
  answer: http.RequestListener,
  host = '127.0.0.1',
  port = 0,
): Promise<LoopbackServer> {
  const server = http.createServer(answer)
  return listening(server, host, port)
}

/** A server that takes bytes as they are, and writes what it likes. */
export async function rawServer(
  connected: (socket: net.Socket) => void,
  host = '127.0.0.1',
): Promise<LoopbackServer> {
  return listening(net.createServer(connected), host)
}

/** What a server does with any server of node:net. */
export async function listening(server: net.Server, host: string, port = 0): Promise<LoopbackServer> {
  const sockets = new Set<net.Socket>()
  let count = 0
  server.on('connection', (socket: net.Socket) => {
    count++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as net.AddressInfo).port,
    connections: () => count,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** The way out of a function with these limits. */
export function egressOf(options: Partial<EgressOptions> = {}, limits: Limits = {}): Egress {
  return createEgress({ policy: 'public', allow: [], ...options })(resolveLimits(limits))
}

/** A resolver that knows these names; it keeps what it was asked. */
export function namesOf(names: Readonly<Record<string, readonly string[]>>) {
  const asked: string[] = []
  return {
    asked,
    resolve: (host: string): Promise<readonly string[]> => {
      asked.push(host)
      const found = names[host]
      return found === undefined ? Promise.reject(new Error(`no such name: ${host}`)) : Promise.resolve(found)
    },
  }
}

/** The sentence of what was refused. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
  throw new Error('it was not refused')
}

/** Fetches from loopback, as a function that may go anywhere. */
export function getter() {
  const egress = egressOf({ policy: 'all' })
  return (
    port: number,
    path = '/',
    init: RequestInit & { duplex?: 'half' } = {},
    depth = 0,
  ): Promise<Response> =>
    egress.fetch(new Request(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init }), depth)
}
