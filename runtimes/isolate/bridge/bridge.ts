import { LOCAL } from '../prelude/host.ts'
import { createServices } from './services.ts'
import { callNow } from './sync.ts'

type Flat = unknown[]

const TURN: Flat = [LOCAL.TURN, 0, '', null]

/** What the owner of an isolate does for its bridge. */
export interface BridgeHooks {
  /** Messages for the gateway, four items each: type, id, head, data. */
  send(flat: Flat): void
  /** `tick` is wanted in so many milliseconds; it replaces an earlier wish. */
  wake(ms: number): void
  /** Messages for the isolate, to be passed to `receive` as the gateway's are. */
  deliver(flat: Flat): void
  /** Memory that the isolate's own limit does not see has grown beyond it. */
  overdrawn?(): void
  /** The isolate is gone: nothing is begun for it any more. */
  closed?: boolean
}

/** The two functions that the isolate is given. */
export interface Bridge {
  /** Never throws; called without an answer. */
  send(flat: Flat): void
  /** Called for its answer, which is a value that can be copied. Null where the argument makes no sense. */
  call(service: unknown, argument: unknown): unknown
}

/** The host process's side of the prelude: sorts out what is for the process itself, and does it. */
export function createBridge(hooks: BridgeHooks): Bridge {
  const services = createServices(() => hooks.closed !== true)

  async function ask(id: unknown, service: string, args: unknown): Promise<void> {
    try {
      const value = await services.serve(service, Array.isArray(args) ? args : [])
      hooks.deliver([LOCAL.REPLY, id, '', value])
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      hooks.deliver([LOCAL.REPLY, id, JSON.stringify({ name, message }), null])
    }
  }

  const bridge: Bridge = {
    send(flat) {
      if (!Array.isArray(flat)) return
      let outgoing: Flat | null = null
      for (let at = 0; at + 3 < flat.length; at += 4) {
        const type = flat[at]
        if (typeof type !== 'number' || type < LOCAL.WAKE) {
          outgoing?.push(type, flat[at + 1], flat[at + 2], flat[at + 3])
          continue
        }
        // The usual batch has nothing for this process and goes on as it is.
        outgoing ??= flat.slice(0, at)
        if (type === LOCAL.WAKE) hooks.wake(Number(flat[at + 2]))
        else if (type === LOCAL.TURN) hooks.deliver(TURN)
        else if (type === LOCAL.ASK) void ask(flat[at + 1], String(flat[at + 2]), flat[at + 3])
      }
      if (outgoing === null) hooks.send(flat)
      else if (outgoing.length > 0) hooks.send(outgoing)
    },
    call(service, argument) {
      if (service === 'send') bridge.send(argument as Flat)
      else if (service === 'overdrawn') hooks.overdrawn?.()
      else return services.now(service, argument) ?? callNow(service, argument)
      return null
    },
  }
  return bridge
}
