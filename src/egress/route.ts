import { readAddress } from '../domain/addresses.ts'
import type { Endpoint } from './dial.ts'
import { bare, type Permit } from './policy.ts'
import type { Resolve } from './resolver.ts'

/** Schemes by what they are carried on: in the clear, or with TLS. */
const SECURE: Readonly<Record<string, boolean>> = {
  'http:': false,
  'https:': true,
  'ws:': false,
  'wss:': true,
}

/**
 * Where a request goes, when the policy permits it: the addresses that were checked, which are then the ones that
 * are connected to. A name that resolves to something else a moment later changes nothing.
 * @param action for sentences: `fetch of`, `WebSocket to`
 * @throws TypeError with a sentence for the function's author
 */
export async function route(
  action: string,
  url: URL,
  schemes: readonly string[],
  permit: Permit,
  resolve: Resolve,
): Promise<Endpoint> {
  if (!schemes.includes(url.protocol))
    throw new TypeError(
      `${action} "${url.href.slice(0, 200)}" is refused: its scheme must be ${schemes.map((scheme) => scheme.slice(0, -1)).join(' or ')}`,
    )
  const secure = SECURE[url.protocol]!
  const what = `${action} ${url.host}`
  if (url.username !== '' || url.password !== '')
    throw new TypeError(`${what} is refused: its address has a user name or a password in it`)
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  const refusal = permit.refusal(url.hostname, port)
  if (refusal !== null) throw new TypeError(`${what} is refused: ${refusal}`)
  const name = bare(url.hostname)
  const known = readAddress(name) === null ? await lookUp(what, url.hostname, resolve) : [name]
  const addresses = permit.reachable(url.hostname, port, known)
  if (addresses.length === 0)
    throw new TypeError(
      `${what} is refused: ${known.join(', ')} is not a public address (an entry in FAAS_EGRESS_ALLOW or limits.egress_allow allows it)`,
    )
  return { name, addresses, port, secure }
}

async function lookUp(what: string, host: string, resolve: Resolve): Promise<readonly string[]> {
  const addresses = await resolve(host).catch(() => [])
  if (addresses.length === 0) throw new TypeError(`${what} failed: its name could not be resolved`)
  return addresses
}
