import { LOCAL } from './host.ts'
import { post } from './outbox.ts'

/** What the host is given at a time: the rest waits here, where it counts as this isolate's memory. */
const MAX_OPEN = 64
const MAX_OPEN_BYTES = 16_777_216

interface Asked {
  resolve(value: unknown): void
  reject(error: unknown): void
  readonly service: string
  readonly args: unknown[]
  readonly bytes: number
}

const { isView } = ArrayBuffer
const { parse } = JSON
const PromiseClass = Promise
const open = new Map<number, Asked>()
const queue = new Set<Asked>()
let openBytes = 0
let next = 1

/** Asks the host process for something that takes time. Rejects with `{name, message}` as it said. */
export function askHost(service: string, args: unknown[]): Promise<unknown> {
  return new PromiseClass((resolve, reject) => {
    const asked = { resolve, reject, service, args, bytes: bytesIn(args) }
    if (queue.size === 0 && fits(asked)) ask(asked)
    else queue.add(asked)
  })
}

/** A REPLY came. */
export function onReply(id: number, head: string, data: unknown): void {
  const one = open.get(id)
  if (one === undefined) return
  open.delete(id)
  openBytes -= one.bytes
  if (head === '') one.resolve(data)
  else one.reject(parse(head))
  for (const asked of queue) {
    if (!fits(asked)) break
    queue.delete(asked)
    ask(asked)
  }
}

function fits({ bytes }: Asked): boolean {
  return open.size === 0 || (open.size < MAX_OPEN && openBytes + bytes <= MAX_OPEN_BYTES)
}

function ask(asked: Asked): void {
  const id = next++
  open.set(id, asked)
  openBytes += asked.bytes
  post(LOCAL.ASK, id, asked.service, asked.args)
}

function bytesIn(args: unknown[]): number {
  let bytes = 0
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]
    if (isView(arg)) bytes += arg.byteLength
  }
  return bytes
}
