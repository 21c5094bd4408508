import type { Context, Hono } from 'hono'
import { GatewayError } from '../errors.ts'
import { readJson } from './body.ts'
import type { AppDeps, AppEnv } from './deps.ts'
import type { Endpoint } from './endpoint.ts'
import { check } from './schemas/parse.ts'

/**
 * Puts endpoints on a router, and for each of their paths an answer for the methods it does not take.
 * Everything an endpoint declares is done here: parameters, query and body reach its handler checked.
 */
export function register(app: Hono<AppEnv>, endpoints: readonly Endpoint[], deps: AppDeps): void {
  const methods = new Map<string, string[]>()
  for (const endpoint of endpoints) {
    for (const path of [endpoint.path, ...(endpoint.aliases ?? [])]) {
      const pattern = path.replace(/\{(\w+)\}/g, ':$1')
      app.on(endpoint.method, pattern, (c) => answer(endpoint, c, deps))
      methods.set(pattern, [...(methods.get(pattern) ?? []), endpoint.method])
    }
  }
  for (const [pattern, taken] of methods) {
    const allow = [...taken, ...(taken.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
    app.all(pattern, (c) => otherMethod(c, allow))
  }
}

async function answer(endpoint: Endpoint, c: Context<AppEnv>, deps: AppDeps): Promise<Response> {
  const action = endpoint.summary.charAt(0).toLowerCase() + endpoint.summary.slice(1)
  if (endpoint.method !== 'GET' && deps.draining()) {
    throw new GatewayError(
      'draining',
      `Cannot ${action}: the gateway is shutting down; try again in a moment`,
      {
        retry_after: 5,
      },
    )
  }
  const ids = readIds(endpoint.path, c)
  const query = endpoint.query && check(endpoint.query, firstValues(c.req.url), action)
  const bounds = { maxBytes: deps.config.maxBodyBytes, idleMs: deps.config.bodyTimeoutMs }
  const body = endpoint.body && check(endpoint.body, await readJson(c.req.raw, bounds), action)
  const result = await endpoint.handle({
    c,
    requestId: c.get('requestId'),
    query,
    body,
    id: (name) => ids[name] as number,
  })
  return result instanceof Response ? result : c.json(result as object)
}

/** Ids are whole numbers above 0; nothing else is the address of a row. */
function readIds(path: string, c: Context<AppEnv>): Record<string, number> {
  const ids: Record<string, number> = {}
  for (const [, name] of path.matchAll(/\{(\w+)\}/g)) {
    const text = c.req.param(name!) ?? ''
    const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN
    if (!Number.isSafeInteger(id)) {
      throw new GatewayError(
        'not_found',
        `Nothing has the address ${c.req.path}: ids are whole numbers above 0`,
      )
    }
    ids[name!] = id
  }
  return ids
}

/** A name given twice keeps its first value. */
function firstValues(url: string): Record<string, string> {
  const values: [string, string][] = []
  const seen = new Set<string>()
  for (const [name, value] of new URL(url).searchParams) {
    if (!seen.has(name)) values.push([name, value])
    seen.add(name)
  }
  return Object.fromEntries(values)
}

function otherMethod(c: Context<AppEnv>, allow: readonly string[]): Response {
  if (c.req.method === 'OPTIONS') return c.body(null, 204, { allow: allow.join(', ') })
  throw new GatewayError(
    'method_not_allowed',
    `Cannot ${c.req.method} ${c.req.path}: it takes ${allow.join(', ')}`,
    { allow },
  )
}
