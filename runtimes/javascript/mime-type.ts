/** A media type as https://mimesniff.spec.whatwg.org/#mime-type-representation has it. */
export interface MimeType {
  /** Type and subtype, in lower case. */
  readonly essence: string
  readonly parameters: Map<string, string>
}

const ESSENCE = /^[\t\n\r ]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)[\t\n\r ]*(?:;|$)/
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** Name, quoted value with what is left of a broken escape, plain value. */
const PARAMETER = /[\t\n\r ]*([^;=]*)(?:=(?:"((?:[^"\\]|\\[\s\S])*)(\\?)(?:"[^;]*)?|([^;]*)))?(?:;|$)/gy
const LIST_ITEMS = /,|"(?:[^"\\]|\\[\s\S])*(?:"|\\?$)|[^,"]+/g

/** https://mimesniff.spec.whatwg.org/#parse-a-mime-type @returns null when it is none */
export function parseMimeType(text: string): MimeType | null {
  const match = ESSENCE.exec(text)
  if (match === null) return null
  const parameters = new Map<string, string>()
  for (const [, name, quoted, broken, plain] of text.slice(match[0].length).matchAll(PARAMETER)) {
    const key = name!.toLowerCase()
    const value =
      quoted === undefined ? plain?.replace(/[\t\n\r ]+$/, '') || null : withoutEscapes(quoted) + broken!
    if (value !== null && TOKEN.test(key) && VALUE.test(value) && !parameters.has(key))
      parameters.set(key, value)
  }
  return { essence: match[1]!.toLowerCase(), parameters }
}

/** https://mimesniff.spec.whatwg.org/#serialize-a-mime-type */
export function serialiseMimeType({ essence, parameters }: MimeType): string {
  let text = essence
  for (const [name, value] of parameters)
    text += `;${name}=${TOKEN.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`}`
  return text
}

/**
 * The media type that the values of a content-type header agree on: the last one counts, and its charset may come
 * from one before it. https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
 */
export function extractMimeType(header: string | null): MimeType | null {
  if (header === null) return null
  let charset: string | null = null
  let found: MimeType | null = null
  for (const item of splitList(header)) {
    const type = parseMimeType(item)
    if (type === null || type.essence === '*/*') continue
    if (type.essence !== found?.essence) charset = type.parameters.get('charset') ?? null
    else if (charset !== null && !type.parameters.has('charset')) type.parameters.set('charset', charset)
    found = type
  }
  return found
}

/** What stands between the commas; one inside of quotes is none. */
function splitList(text: string): string[] {
  const items = ['']
  for (const [piece] of text.matchAll(LIST_ITEMS)) {
    if (piece === ',') items.push('')
    else items[items.length - 1] += piece
  }
  return items
}

function withoutEscapes(quoted: string): string {
  return quoted.replace(/\\([\s\S])/g, '$1')
}
