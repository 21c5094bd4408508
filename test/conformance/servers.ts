import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket as ServerSocket, WebSocketServer } from 'ws'

/** Listens on an address that functions can reach. @returns its port */
export async function listen(server: Server, address: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  return (server.address() as AddressInfo).port
}

/** Ends a server with all of its connections. */
export async function end(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise<void>((resolve) => server.close(() => resolve()))
}

/** Takes requests and never answers; tells how many came, and how many were given up. */
export async function silentServer(address: string) {
  let asked = 0
  let dropped = 0
  const server = createServer((_, response) => {
    asked++
    response.on('close', () => dropped++)
  })
  const port = await listen(server, address)
  return {
    url: `http://${address}:${port}`,
    asked: () => asked,
    dropped: () => dropped,
    [Symbol.asyncDispose]: () => end(server),
  }
}

/** A chat; `connected` is called for each socket. */
export async function socketServer(address: string, connected: (socket: ServerSocket, path: string) => void) {
  const server = createServer()
  const sockets = new WebSocketServer({ server, handleProtocols: (offered) => offered.has('two') && 'two' })
  sockets.on('connection', (socket, request) => {
    socket.on('error', () => undefined)
    connected(socket, request.url!)
  })
  const port = await listen(server, address)
  return {
    url: `ws://${address}:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await end(server)
    },
  }
}
