/** A server that answers the hello function, as a process of its own. */
export interface Subject extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly port: number
}
