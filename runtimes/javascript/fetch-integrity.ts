import { fromBase64 } from './base64.ts'
import { IncomingBody } from './incoming-body.ts'

const { crypto } = globalThis
/** From weak to strong. */
const HASHES: Readonly<Record<string, string>> = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' }
const STRENGTH = Object.keys(HASHES)
const METADATA = /^(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(?:\?.*)?$/i

/**
 * The body, once it is here as a whole and one of the strongest hashes fits it.
 * https://w3c.github.io/webappsec-subresource-integrity/#does-response-match-metadatalist
 * @throws TypeError when none does
 */
export async function checked(body: IncomingBody, integrity: string, url: string): Promise<IncomingBody> {
  const { algorithm, digests } = strongest(integrity)
  if (algorithm === '') return body
  const bytes = (await body.collect()) as Uint8Array<ArrayBuffer>
  const actual = new Uint8Array(await crypto.subtle.digest(HASHES[algorithm]!, bytes))
  if (!digests.some((digest) => equal(actual, digest)))
    throw new TypeError(`fetch failed: the body of ${url} does not have the integrity "${integrity}"`)
  return new IncomingBody(bytes, null)
}

/** The digests of the strongest algorithm that is named; metadata that cannot be read does not count. */
function strongest(integrity: string): { algorithm: string; digests: Uint8Array[] } {
  let algorithm = ''
  let digests: Uint8Array[] = []
  for (const item of integrity.split(/[\t\n\f\r ]+/)) {
    const match = METADATA.exec(item)
    if (match === null) continue
    const named = match[1]!.toLowerCase()
    const digest = fromBase64(match[2]!.replaceAll('-', '+').replaceAll('_', '/'))
    if (STRENGTH.indexOf(named) < STRENGTH.indexOf(algorithm)) continue
    if (named !== algorithm) digests = []
    algorithm = named
    if (digest !== null) digests.push(digest)
  }
  return { algorithm, digests }
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
