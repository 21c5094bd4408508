import { randomBytes } from 'node:crypto'
import { domainToASCII } from 'node:url'

const MAX_RANDOM = 65_536
const MAX_DOMAIN = 16_384

/** The services that an isolate waits for. */
export function callNow(service: unknown, argument: unknown): unknown {
  if (service === 'random') {
    const wanted = Number(argument)
    if (!(wanted >= 0 && wanted <= MAX_RANDOM)) return null
    // A copy: Node cuts small buffers from a pool that it shares.
    return Uint8Array.from(randomBytes(wanted))
  }
  if (service === 'idn') {
    if (typeof argument !== 'string' || argument.length > MAX_DOMAIN) return null
    return domainToASCII(argument)
  }
  // Whatever else is asked, `drain` above all, wants only to have waited for this thread.
  return null
}
