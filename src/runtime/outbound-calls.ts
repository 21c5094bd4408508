/** From the first call of an instance that had none until the next such one: what its requests count against. */
export interface Period {
  /** Calls that were opened in it. */
  calls: number
  /** Requests and sockets that the function opened in it. */
  subrequests: number
  /** Of all its calls. */
  deepest: number
}

/** What an instance's own requests have to know of its calls. */
export interface Calls {
  readonly period: Period
  /**
   * Depth of the call that a request belongs to. Where the guest does not know which one it is, it is the greatest
   * of those in flight, and with none in flight that of the last period: else work that outlives its call could
   * begin anew at 0, and a recursion through it would never end.
   */
  depthOf(requestId: string): number
}
