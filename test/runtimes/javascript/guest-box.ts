import { createGuest, type Guest } from '../../../runtimes/javascript/guest.ts'
import type { GuestMessage } from '../../../runtimes/javascript/port.ts'
import { type CallHead, type LogHead, type Meta, TYPE } from '../../../src/runtime/wire.ts'

/** A guest on this host's own web classes, and the gateway's side of it. */
export interface GuestBox {
  readonly guest: Guest
  readonly messages: GuestMessage[]
  /** Opens a call; a streamed body follows with `guest.receive`. */
  open(init?: Partial<CallHead> & { body?: string | Uint8Array }): number
  /** Waits until a message fits, and returns the first that does. */
  until(fits: (message: GuestMessage) => boolean): Promise<GuestMessage>
  ofType(type: number, id?: number): GuestMessage[]
  logs(): LogHead[]
}

export const META: Meta = {
  callbackId: 7,
  version: 3,
  runtime: 'worker',
  memoryMb: 64,
  timeoutMs: 30_000,
  env: { A: '1' },
}

/** Makes a guest with this module loaded. */
export function guestBox(namespace: Record<string, unknown>): GuestBox {
  const messages: GuestMessage[] = []
  const waiters = new Set<() => void>()
  const guest = createGuest({
    runtime: 'worker',
    send(message) {
      messages.push(message)
      for (const waiter of waiters) waiter()
    },
  })
  guest.load(META, namespace)
  let next = 0

  return {
    guest,
    messages,

    open({ body, ...given } = {}) {
      next += 2
      const head: CallHead = {
        method: 'GET',
        url: 'http://localhost/api/hello?x=1',
        headers: [['host', 'localhost']],
        whole: true,
        requestId: `r-${next}`,
        path: 'hello',
        params: {},
        ip: '10.0.0.9',
        deadline: Date.now() + 30_000,
        ...given,
      }
      const data = typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? null)
      guest.receive(TYPE.CALL, next, JSON.stringify(head), data)
      return next
    },

    until: (fits) =>
      new Promise((resolve, reject) => {
        const deadline = setTimeout(() => {
          waiters.delete(look)
          reject(new Error(`No message fits; there were ${JSON.stringify(messages.slice(-10))}`))
        }, 5000)
        const look = () => {
          const found = messages.find(fits)
          if (found === undefined) return
          clearTimeout(deadline)
          waiters.delete(look)
          resolve(found)
        }
        waiters.add(look)
        look()
      }),

    ofType: (type, id) =>
      messages.filter((message) => message.type === type && (id === undefined || message.id === id)),
    logs: () =>
      messages.filter(({ type }) => type === TYPE.LOG).flatMap(({ head }) => JSON.parse(head) as LogHead[]),
  }
}

/** Waits for the end of what is under way in this turn and the next ones. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 0))
}

/** The bytes of a call's answer as text. */
export function textOf(messages: readonly GuestMessage[]): string {
  const decoder = new TextDecoder()
  return messages
    .map(({ data }) =>
      typeof data === 'string' ? data : data === null ? '' : decoder.decode(data, { stream: true }),
    )
    .join('')
}

/** The request that a guest opened under this id. */
export const callOf = async (box: GuestBox, id: number) => {
  const message = await box.until((one) => one.type === TYPE.CALL && one.id === id)
  return { ...message, head: JSON.parse(message.head) as CallHead }
}

/** Answers it, as the gateway would. */
export const answer = (box: GuestBox, id: number, head: object, data: string | null = null) =>
  box.guest.receive(
    TYPE.ANSWER,
    id,
    JSON.stringify({ status: 200, headers: [], whole: true, ...head }),
    data === null ? null : new TextEncoder().encode(data),
  )
