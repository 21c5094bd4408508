import * as assert from 'uvu/assert'
import type { Runtime } from '../../src/runtime/runtime.ts'
import { call, type StartExtras, startFunction } from '../support/runtime-harness.ts'
import { get, url } from './contract.ts'

type Register = (name: string, body: () => Promise<void>) => void

/** For drivers whose functions have the web platform alone: their network is the gateway's, and Node's is hidden. */
export function edgeContract(test: Register, runtime: () => Runtime): void {
  const start = (code: string, extras?: StartExtras) => startFunction(runtime(), code, extras)

  test('fetch goes through the gateway, streams both ways and fails as fetch does', async () => {
    const { instance } = await start(
      'export default async (request) => { const path = new URL(request.url).pathname; if (path === "/fail") { try { await fetch("http://other.test/") } catch (e) { return new Response(e.name + ": " + e.message) } } return fetch("http://other.test/echo", { method: "POST", body: request.body, duplex: "half", headers: { "x-from": "function" } }) }',
      {
        egress: async (request) => {
          if (request.method === 'GET') throw new TypeError('refused by policy')
          return new Response(request.body, {
            status: 203,
            headers: { 'x-seen': request.headers.get('x-from') ?? '' },
          })
        },
      },
    )
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      body: 'a'.repeat(300_000),
      duplex: 'half',
    }
    const { response } = await call(instance, new Request(url(), init))
    assert.is(response.status, 203)
    assert.is(response.headers.get('x-seen'), 'function')
    assert.is((await response.text()).length, 300_000)
    const failed = await call(instance, get('/fail'))
    assert.is(await failed.response.text(), 'TypeError: refused by policy')
    await instance.close('idle')
  })

  test('nothing of the host can be reached', async () => {
    const names = [
      'require',
      'module',
      'Deno',
      'Bun',
      'ivm',
      '__faas_bind',
      'XMLHttpRequest',
      'importScripts',
      'postMessage',
    ]
    const { instance } = await start(
      `export default () => Response.json({ found: ${JSON.stringify(names)}.filter((name) => name in globalThis), binding: typeof process.binding, mainModule: typeof process.mainModule, env: Object.keys(process.env).sort() })`,
    )
    const { response } = await call(instance, get())
    const { found, binding, mainModule, env } = (await response.json()) as Record<string, unknown>
    assert.equal(found, [])
    assert.equal([binding, mainModule], ['undefined', 'undefined'])
    assert.equal(env, ['NODE_ENV'])
    await instance.close('idle')
  })
}
