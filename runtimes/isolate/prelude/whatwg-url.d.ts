declare module 'whatwg-url' {
  export const URL: typeof globalThis.URL
  export const URLSearchParams: typeof globalThis.URLSearchParams
}

declare module 'whatwg-url/lib/url-state-machine.js' {
  const machine: {
    basicURLParse(
      input: string,
      options?: { baseURL?: unknown; encoding?: unknown; url?: unknown; stateOverride?: unknown },
    ): unknown
  }
  export default machine
}
