import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { domainToASCII, domainToUnicode } from 'node:url'
import { digestNow } from './subtle-now.ts'

const MAX_RANDOM = 65_536
const MAX_DOMAIN = 16_384
/** What is decoded at a time: while that is done nobody else is served. */
const MAX_DECODED = 262_144
const CONTROL = /[\0-\x20\x7f]/
const ENCODED = /(?:^|\.)xn--/

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
    return toASCII(argument)
  }
  if (service === 'decode') {
    if (!(argument instanceof Uint8Array) || argument.byteLength > MAX_DECODED) return null
    return Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength).toString()
  }
  if (service === 'digest') return digestNow(argument)
  // Whatever else is asked, `drain` above all, wants only to have waited for this thread.
  return null
}

/** Stricter than Node's own: a label that claims to be encoded has to be something when it is decoded. */
function toASCII(domain: string): string {
  if (CONTROL.test(domain)) return ''
  const ascii = domainToASCII(domain)
  const decoded = ENCODED.test(ascii) ? domainToUnicode(ascii) : ''
  return ENCODED.test(decoded) ? '' : ascii
}
