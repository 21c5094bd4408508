import { callHost, isBound } from './host.ts'

const ASCII = /^[\0-\x7f]*$/
const ENCODED = /(?:^|\.)xn--/

/** Stands where the URL library expects `tr46`, whose tables are far larger than all the rest: the host knows them. */
export function toASCII(domain: string): string | null {
  // Characters that no name can have are the library's to find.
  const lower = ASCII.test(domain) ? domain.toLowerCase() : null
  if (lower !== null && !ENCODED.test(lower)) return lower
  if (!isBound()) return null
  const ascii = callHost('idn', domain)
  return typeof ascii === 'string' && ascii !== '' ? ascii : null
}
