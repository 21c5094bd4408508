import { Outbound } from '../../src/runtime/outbound.ts'
import type { Period } from '../../src/runtime/outbound-calls.ts'
import type { Egress, OutboundSocket } from '../../src/runtime/runtime.ts'
import { type CallHead, TYPE } from '../../src/runtime/wire.ts'
import { until } from '../support/runtime-harness.ts'

/** A message to the guest. */
export interface Sent {
  readonly type: number
  readonly id: number
  readonly head: string
  readonly data: Uint8Array | string | null
}

const NO_NETWORK: Egress = {
  fetch: () => Promise.reject(new TypeError('no network in this test')),
  connect: () => Promise.reject(new TypeError('no network in this test')),
}

const opened = new Set<Outbound>()

/** Ends what tests have left open, so that nothing keeps the process. */
export function closeBoxes(): void {
  for (const outbound of opened) outbound.close()
  opened.clear()
}

/** The gateway's side of a guest's requests, with the guest's side in the test's hands. */
export function outboundBox(egress: Partial<Egress>, limit = 1000, depth = 0) {
  const sent: Sent[] = []
  const period: Period = { calls: 1, subrequests: 0, deepest: 0 }
  const outbound = new Outbound(
    (type, id, head, data) => sent.push({ type, id, head, data }),
    { ...NO_NETWORK, ...egress },
    { period, depthOf: () => depth },
    limit,
  )
  opened.add(outbound)
  let next = -1
  return {
    outbound,
    sent,
    period,
    /** Opens an exchange; `whole: false` lets a body follow. */
    open(head: Partial<CallHead> = {}, data: Uint8Array | null = null): number {
      next += 2
      outbound.receive(TYPE.CALL, next, JSON.stringify(callHead(head)), data)
      return next
    },
    of: (id: number, type: number) => sent.filter((message) => message.id === id && message.type === type),
    /** The first message of this type for the exchange. */
    async message(id: number, type: number): Promise<Sent> {
      const find = () => sent.find((one) => one.id === id && one.type === type)
      await until(() => find() !== undefined, `message ${type} of exchange ${id} came`)
      return find()!
    },
  }
}

export function callHead(head: Partial<CallHead>): CallHead {
  return {
    method: 'GET',
    url: 'http://example.test/',
    headers: [],
    whole: true,
    requestId: '',
    path: '',
    params: {},
    ip: '',
    deadline: 0,
    ...head,
  }
}

/** A socket whose network is the test. */
export class FakeSocket implements OutboundSocket {
  readonly protocol = 'chat'
  readonly extensions = ''
  onMessage: (data: string | Uint8Array) => void = () => undefined
  onClose: (code: number, reason: string, clean: boolean) => void = () => undefined
  readonly sent: (string | Uint8Array)[] = []
  readonly did: string[] = []
  /** While true, nothing is taken by the network. */
  stuck = false

  send(data: string | Uint8Array): Promise<void> {
    this.sent.push(data)
    return this.stuck ? new Promise(() => undefined) : Promise.resolve()
  }

  close(code?: number, reason?: string): void {
    if (code === 1) throw new RangeError('not a code')
    this.did.push(code === undefined ? 'close' : `close ${code} ${reason}`)
  }

  pause(paused: boolean): void {
    this.did.push(paused ? 'pause' : 'resume')
  }

  terminate(): void {
    this.did.push('terminate')
  }
}
