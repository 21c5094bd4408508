/** Accessors of the web's classes that are worth showing: they live on prototypes, where `inspect` does not look. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  Request: ['method', 'url', 'headers', 'bodyUsed'],
  Response: ['status', 'statusText', 'headers', 'bodyUsed', 'url'],
  URL: ['href', 'origin', 'pathname', 'search', 'hash'],
  Blob: ['size', 'type'],
  File: ['size', 'type', 'name', 'lastModified'],
  AbortSignal: ['aborted'],
  Event: ['type', 'defaultPrevented'],
  CustomEvent: ['type', 'detail'],
  CryptoKey: ['type', 'extractable', 'algorithm', 'usages'],
}
const LISTS = new Set(['Headers', 'URLSearchParams', 'FormData'])

/** What to show of an object of a web class, as properties; nothing for any other object. */
export function webEntries(value: object, name: string): [string, unknown][] {
  if (LISTS.has(name)) {
    try {
      return [...(value as Iterable<[string, unknown]>)].slice(0, 100)
    } catch {
      return []
    }
  }
  const entries: [string, unknown][] = []
  if (!Object.hasOwn(SHOWN, name)) return entries
  for (const key of SHOWN[name]!) {
    try {
      entries.push([key, Reflect.get(value, key)])
    } catch {
      // A prototype or a look-alike: its accessor refuses.
    }
  }
  return entries
}
