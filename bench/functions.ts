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
