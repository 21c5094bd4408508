import { sendToHost } from './host.ts'

const settled = Promise.resolve()
const then = Promise.prototype.then
const apply = Reflect.apply
/** Chains of awaits longer than this do not hold back what is already there. */
const MAX_HOPS = 32

let outbox: unknown[] = []
let used = 0
let seen = 0
let hops = 0
let scheduled = false

/** Queues a message for the host; a turn's messages leave together. */
export function post(type: number, id: number, head: string, data: unknown): void {
  outbox[used] = type
  outbox[used + 1] = id
  outbox[used + 2] = head
  outbox[used + 3] = data
  used += 4
  if (scheduled) return
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
  const batch = outbox
  outbox = []
  used = 0
  scheduled = false
  sendToHost(batch)
}
