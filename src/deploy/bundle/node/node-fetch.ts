// The package `node-fetch` where there is no Node: the guest has a `fetch` of its own.

const fetch = (...args: Parameters<typeof globalThis.fetch>): Promise<Response> => globalThis.fetch(...args)
export const { AbortController, Blob, File, FormData, Headers, Request, Response } = globalThis
export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

export class FetchError extends Error {
  override readonly name = 'FetchError'
}
export class AbortError extends Error {
  override readonly name = 'AbortError'
}

const whole = Object.assign(fetch, {
  AbortController,
  AbortError,
  Blob,
  FetchError,
  File,
  FormData,
  Headers,
  Request,
  Response,
  isRedirect,
})
export default Object.assign(whole, { default: whole })
export { fetch }
