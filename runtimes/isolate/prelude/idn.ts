import { callHost, isBound } from './host.ts'

const PLAIN = /^[\x21-\x7e]*$/
const ENCODED = /(?:^|\.)xn--/

/** Stands where the URL library expects `tr46`, whose tables are far larger than all the rest: the host knows them. */
export function toASCII(domain: string): string | null {
  const lower = PLAIN.test(domain) ? domain.toLowerCase() : null
  if (lower !== null && !ENCODED.test(lower)) return lower
  if (!isBound()) return null
  const ascii = callHost('idn', domain)
  return typeof ascii === 'string' && ascii !== '' ? ascii : null
}
