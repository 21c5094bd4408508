import { callHost, sendToHost } from './host.ts'

const settled = Promise.resolve()
const then = Promise.prototype.then
const apply = Reflect.apply
/** Chains of awaits longer than this do not hold back what is already there. */
const MAX_HOPS = 32
/** What may wait in the host's queue for one isolate that never lets go of its thread. UTF-16 units and bytes. */
const MAX_QUEUED = 8_388_608

let outbox: unknown[] = []
let used = 0
let seen = 0
let hops = 0
let scheduled = false
let queued = 0

/** The host came in: everything that was sent to it before was taken. */
export function hostEntered(): void {
  queued = 0
}

/** Queues a message for the host; a turn's messages leave together. */
export function post(type: number, id: number, head: string, data: unknown): void {
  outbox[used] = type
  outbox[used + 1] = id
  outbox[used + 2] = head
  outbox[used + 3] = data
  used += 4
  queued += 64 + head.length + (typeof data === 'string' || data instanceof Uint8Array ? data.length : 0)
  if (queued > MAX_QUEUED) {
    // A loop that prints without end would fill the host's memory: here it waits for the host.
    flush()
    callHost('drain', null)
    queued = 0
  }
  if (scheduled || used === 0) return
  scheduled = true
  seen = 0
  hops = 0
  apply(then, settled, [settle])
}

/** Answers that are resolved in the same turn come a few jobs apart: as long as more come, the batch waits. */
function settle(): void {
  if (used !== seen && hops < MAX_HOPS) {
    seen = used
    hops++
    apply(then, settled, [settle])
    return
  }
  scheduled = false
  flush()
}

/** Sends what is queued, now. */
export function flush(): void {
  if (used === 0) return
  const batch = outbox
  outbox = []
  used = 0
  sendToHost(batch)
}
