import { need, toDictionary } from './convert.ts'
import { exposeInterfaces } from './define.ts'
import { Event } from './event.ts'
import { EventTarget, fire, handlerAttribute } from './event-target.ts'
import { queueTask } from './tasks.ts'

type Clone = (value: unknown, transfer: readonly unknown[]) => unknown

let cloneValue: Clone

/** Structured cloning knows ports, and ports need it: it says so once it is there. */
export function cloneMessagesWith(clone: Clone): void {
  cloneValue = clone
}

const TOKEN = Symbol('MessagePort')

/** https://html.spec.whatwg.org/#messageevent */
export class MessageEvent extends Event {
  #init: Record<string, unknown>

  constructor(type: unknown, init: unknown = undefined) {
    need(arguments.length, 1, 'MessageEvent')
    super(type, init)
    this.#init = { ...toDictionary(init, 'MessageEvent') }
  }

  get data(): unknown {
    return this.#init.data ?? null
  }
  get origin(): string {
    return this.#init.origin === undefined ? '' : String(this.#init.origin)
  }
  get lastEventId(): string {
    return this.#init.lastEventId === undefined ? '' : String(this.#init.lastEventId)
  }
  get source(): unknown {
    return this.#init.source ?? null
  }
  get ports(): readonly unknown[] {
    return Object.freeze([...((this.#init.ports ?? []) as Iterable<unknown>)])
  }
}

interface Packet {
  readonly data: unknown
  readonly ports: MessagePort[]
}

let entangle: () => [MessagePort, MessagePort]
let detachPort: (port: MessagePort) => MessagePort
let isDetachedPort: (port: MessagePort) => boolean

/** https://html.spec.whatwg.org/#message-ports */
export class MessagePort extends EventTarget {
  #other: MessagePort | null = null
  #queue: Packet[] = []
  #started = false
  #closed = false
  #draining = false
  #detached = false

  static {
    isDetachedPort = (port) => port.#detached
    entangle = () => {
      const [one, other] = [new MessagePort(TOKEN), new MessagePort(TOKEN)]
      one.#other = other
      other.#other = one
      return [one, other]
    }
    detachPort = (port) => {
      const heir = new MessagePort(TOKEN)
      heir.#queue = port.#queue
      heir.#other = port.#other
      if (port.#other !== null) port.#other.#other = heir
      port.#queue = []
      port.#other = null
      port.#closed = true
      port.#detached = true
      return heir
    }
    // Setting `onmessage` starts a port, which `addEventListener` does not.
    handlerAttribute(MessagePort.prototype, 'message')
    const attribute = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage')!
    Object.defineProperty(MessagePort.prototype, 'onmessage', {
      ...attribute,
      set(this: MessagePort, value: unknown) {
        attribute.set!.call(this, value)
        this.start()
      },
    })
    handlerAttribute(MessagePort.prototype, 'messageerror')
    handlerAttribute(MessagePort.prototype, 'close')
  }

  constructor(token: unknown = undefined) {
    if (token !== TOKEN) throw new TypeError('Illegal constructor')
    super()
  }

  postMessage(message: unknown, options: unknown = undefined): void {
    need(arguments.length, 1, 'MessagePort.postMessage')
    const transfer = readTransfer(options)
    if (transfer.includes(this))
      throw new DOMException('A port cannot be sent through itself', 'DataCloneError')
    const ports = transfer.filter((item): item is MessagePort => item instanceof MessagePort)
    // One memory for both, so that a port in the message is the port in `ports`.
    const [data, sent] = cloneValue([message, ports], transfer) as [unknown, MessagePort[]]
    const other = this.#other
    if (other === null || other.#closed) return
    other.#queue.push({ data, ports: sent })
    other.#drain()
  }

  start(): void {
    this.#started = true
    this.#drain()
  }

  close(): void {
    const other = this.#other
    this.#closed = true
    this.#other = null
    if (other === null) return
    other.#other = null
    queueTask(() => fire(other, new Event('close')))
  }

  /** A message is a task of its own. */
  #drain(): void {
    if (!this.#started || this.#draining || this.#queue.length === 0) return
    this.#draining = true
    queueTask(() => {
      this.#draining = false
      const packet = this.#queue.shift()
      if (packet !== undefined && !this.#closed) fire(this, new MessageEvent('message', packet))
      this.#drain()
    })
  }
}

/** https://html.spec.whatwg.org/#message-channels */
export class MessageChannel {
  readonly #ports = entangle()

  get port1(): MessagePort {
    return this.#ports[0]
  }
  get port2(): MessagePort {
    return this.#ports[1]
  }
}

export { detachPort, isDetachedPort }

function readTransfer(options: unknown): unknown[] {
  if (options === undefined || options === null) return []
  const list = Symbol.iterator in Object(options) ? options : toDictionary(options, 'postMessage').transfer
  return list === undefined ? [] : [...(list as Iterable<unknown>)]
}

exposeInterfaces({ MessageEvent, MessagePort, MessageChannel })
