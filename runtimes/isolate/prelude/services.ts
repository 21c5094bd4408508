import { LOCAL } from './host.ts'
import { post } from './outbox.ts'

interface Waiting {
  resolve(value: unknown): void
  reject(error: unknown): void
}

const waiting = new Map<number, Waiting>()
let next = 1

/** Asks the host process for something that takes time. Rejects with `{name, message}` as it said. */
export function askHost(service: string, args: unknown[]): Promise<unknown> {
  const id = next++
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject })
    post(LOCAL.ASK, id, service, args)
  })
}

/** A REPLY came. */
export function onReply(id: number, head: string, data: unknown): void {
  const one = waiting.get(id)
  if (one === undefined) return
  waiting.delete(id)
  if (head === '') one.resolve(data)
  else one.reject(JSON.parse(head))
}
