import type { Config } from '../../src/config.ts'
import type { Listening } from '../../src/http/node-server.ts'
import { httpApp } from './http-app.ts'

/** The HTTP layer on a real socket of the host that runs the test. */
export async function httpServer(config: Partial<Config> = {}) {
  const onDeno = 'Deno' in globalThis
  const host = onDeno ? await deno() : await node()
  const app = await httpApp(config, { upgradeWebSocket: host.upgrade, peer: host.peer })
  const listening: Listening = await host.serve(app.fetch, '127.0.0.1', 0)
  return {
    ...app,
    port: listening.port,
    origin: `http://127.0.0.1:${listening.port}`,
    async [Symbol.asyncDispose]() {
      app.state.draining = true
      await listening.close()
      await app[Symbol.asyncDispose]()
    },
  }
}

async function node() {
  const { nodePeer, nodeUpgrade, serveNode } = await import('../../src/http/node-server.ts')
  return { serve: serveNode, upgrade: nodeUpgrade, peer: nodePeer }
}

async function deno() {
  const { denoPeer, denoUpgrade, serveDeno } = await import('../../src/http/deno-server.ts')
  return { serve: serveDeno, upgrade: denoUpgrade, peer: denoPeer }
}
