/** What the hello function answers: what did not answer this was not measured. */
export const HELLO_BODY = 'Hello, world\n'
/** Where every subject serves it. */
export const HELLO_PATH = '/api/hello'
/** One module for every runtime that takes a `fetch` handler. */
export const HELLO_CODE = `export default {
  fetch() {
    return new Response(${JSON.stringify(HELLO_BODY)})
  },
}
`

/** Where the subjects take JSON and answer with what they read of it. */
export const JSON_PATH = '/api/json'
export const JSON_CODE = `export default {
  async fetch(request) {
    return Response.json(await request.json())
  },
}
`

/** JSON of at least so many bytes: a list of records with the usual kinds of fields. */
export function jsonText(bytes: number): string {
  const records: unknown[] = []
  for (let size = 2; size < bytes; ) {
    const id = records.length
    const record = {
      id,
      name: `Record number ${id}`,
      tags: ['lamp', 'desk', 'späte Lieferung'],
      price: id * 1.25,
      open: id % 3 === 0,
      address: { street: `Long Street ${id}`, city: 'Springfield', zip: String(10_000 + id) },
      note: null,
    }
    records.push(record)
    size += Buffer.byteLength(JSON.stringify(record)) + 1
  }
  return JSON.stringify(records)
}

/** A hello that no other callback has: nothing compiled or cached for one of them serves another. */
export function distinctHello(name: string): { readonly code: string; readonly body: string } {
  const body = `Hello from ${name}\n`
  const code = `const greetings = new Map([[${JSON.stringify(name)}, ${JSON.stringify(body)}]])

export default {
  fetch() {
    return new Response(greetings.get(${JSON.stringify(name)}))
  },
}
`
  return { code, body }
}
