// What packages take from others where a platform lacks it: here it is global.
export const { AbortController, AbortSignal } = globalThis
