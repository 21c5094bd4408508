const { URL, DOMException } = globalThis
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** The address as it is asked for. `http:` and `https:` stand for their counterparts. @throws DOMException */
export function socketUrl(value: unknown): string {
  const text = `${value as string}`
  if (!URL.canParse(text)) throw refused(text, 'it must be an absolute address')
  const url = new URL(text)
  if (url.protocol === 'http:') url.protocol = 'ws:'
  else if (url.protocol === 'https:') url.protocol = 'wss:'
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:')
    throw refused(text, `its scheme must be ws, wss, http or https: it is "${url.protocol.slice(0, -1)}"`)
  if (url.href.includes('#')) throw refused(text, 'it must have no fragment')
  return url.href
}

/** The protocols to offer. @throws DOMException */
export function socketProtocols(value: unknown): string[] {
  const list = isIterable(value) ? [...value].map((one) => `${one as string}`) : [`${value as string}`]
  const seen = new Set<string>()
  for (const one of list) {
    if (!TOKEN.test(one))
      throw new DOMException(`Cannot offer the protocol "${one}": it must be a token`, 'SyntaxError')
    if (seen.has(one.toLowerCase()))
      throw new DOMException(`Cannot offer the protocol "${one}": it is named twice`, 'SyntaxError')
    seen.add(one.toLowerCase())
  }
  return list
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

function refused(url: string, why: string): DOMException {
  return new DOMException(`Cannot connect to "${url}": ${why}`, 'SyntaxError')
}
