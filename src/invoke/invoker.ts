import type { HangUp } from '../runtime/hang-up.ts'

/** The one hot path, as the HTTP layer sees it. */
export interface Invoker {
  /**
   * Runs the function deployed at `path` and answers for it: never rejects, every error is already an answer
   * with the headers of the contract.
   * @param path the raw path behind /api/, still percent-encoded
   * @param only restrict to deployments on this runtime (for /api/kube)
   */
  call(request: Request, path: string, peer: Peer, only?: 'kube'): Promise<Response>
}

/** Who is at the other end of the connection. */
export interface Peer {
  readonly ip: string
  /** The request's headers, lower case, where the host has them cheaper than `request.headers`. */
  readonly headers?: () => readonly (readonly [string, string])[]
  /** Where the host knows of it cheaper than by `request.signal`. */
  readonly hangUp?: () => HangUp
}
