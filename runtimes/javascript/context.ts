import type { CallHead, Meta } from '../../src/runtime/wire.ts'

/** Second argument of `handler(event, context)`. */
export interface LambdaContext {
  requestId: string
  functionName: string
  functionVersion: string
  memoryLimitInMB: number
  getRemainingTimeInMillis(): number
}

/** Third argument of `fetch(request, env, ctx)`. */
export interface FetchContext {
  waitUntil(promise: unknown): void
  passThroughOnException(): void
}

const now = Date.now

export function lambdaContext(meta: Meta, head: CallHead): LambdaContext {
  const { deadline } = head
  return {
    requestId: head.requestId,
    functionName: head.path,
    functionVersion: String(meta.version),
    memoryLimitInMB: meta.memoryMb,
    getRemainingTimeInMillis: () => Math.max(0, deadline - now()),
  }
}

export function fetchContext(waitUntil: (promise: unknown) => void): FetchContext {
  return {
    waitUntil,
    // There is no origin server behind a function that a failed call could pass through to.
    passThroughOnException() {},
  }
}
