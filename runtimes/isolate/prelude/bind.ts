import { TYPE } from '../../../src/runtime/wire.ts'
import { format } from '../../javascript/format.ts'
import { createGuest, type Guest, loadFailure } from '../../javascript/guest.ts'
import { inspect } from '../../javascript/inspect.ts'
import { dropClock, startClock, takeClock } from './clock.ts'
import { onPrint } from './console-global.ts'
import { expose } from './define.ts'
import { fetchListeners, onUncaught } from './global-events.ts'
import { bindHost, callHost, type Host, hostWaits, LOCAL } from './host.ts'
import { keepAccounts, settleMemories } from './memory-accounts.ts'
import { describeNavigator } from './navigator.ts'
import { flush, hostEntered, post } from './outbox.ts'
import { isolatePlatform } from './platform.ts'
import { setEnvironment } from './process.ts'
import { rejectionText } from './rejections.ts'
import { onReply } from './services.ts'
import { cloneValue, learnPlatformClasses } from './structured-clone.ts'
import { runDirectly, turn } from './tasks.ts'
import { tick } from './timers.ts'
import { cloneDetailsWith } from './user-timing.ts'
import { completeWebAssembly } from './wasm.ts'
import { connectWith } from './web-socket.ts'

/** What the host process calls. None of it throws. */
export interface Entry {
  /**
   * Before the author's module is evaluated.
   * @param meta `Meta` as JSON
   * @param logLines a second
   * @param tellsTime its code may use the fine clock, or Temporal
   */
  begin(meta: string, logLines: number, tellsTime: boolean): void
  /** After it. @returns empty, or a `FailHead` as JSON */
  load(meta: string, namespace: Record<string, unknown>): string
  /**
   * Messages, four items each: type, id, head, data.
   * @param waits the host's own thread runs this entry, and can do nothing else meanwhile
   */
  receive(flat: unknown[], waits: boolean): void
}

function createEntry(guest: Guest): Entry {
  const rejected = (head: string, value: unknown): void => {
    const text = rejectionText(head, value)
    if (text !== null) guest.log('error', `Uncaught (in promise) ${text}`)
  }

  return {
    begin(meta, logLines, tellsTime) {
      if (tellsTime) takeClock()
      else dropClock()
      guest.limitLog(logLines)
      const { env, runtime } = JSON.parse(meta)
      startClock()
      describeNavigator(runtime)
      setEnvironment(env)
    },

    load(meta, namespace) {
      try {
        guest.load(JSON.parse(meta), namespace)
        return ''
      } catch (error) {
        return loadFailure(error)
      }
    },

    receive(flat, waits) {
      hostWaits(waits)
      hostEntered()
      runDirectly(flat[0] === TYPE.MESSAGE)
      for (let at = 0; at + 3 < flat.length; at += 4) {
        const type = flat[at] as number
        const data = flat[at + 3]
        try {
          if (type < LOCAL.WAKE)
            guest.receive(
              type,
              flat[at + 1] as number,
              flat[at + 2] as string,
              (data ?? null) as Uint8Array | null,
            )
          else if (type === LOCAL.TICK) tick()
          else if (type === LOCAL.TURN) turn()
          else if (type === LOCAL.REPLY) onReply(flat[at + 1] as number, flat[at + 2] as string, data)
          else if (type === LOCAL.REJECTED) rejected(flat[at + 2] as string, data)
        } catch (error) {
          // One message's trouble is not the next one's.
          guest.log('error', `A message could not be handled: ${inspect(error)}`)
        }
        runDirectly(false)
      }
      if (!settleMemories()) callHost('overdrawn', null)
    },
  }
}

/** Connects the prelude with its host process, once. Scripts never see this function, nor what it is given. */
function bind(send: Host['send'], call: Host['call']): Entry {
  for (const name of ['__faas_bind', '__faas_self_test']) Reflect.deleteProperty(globalThis, name)
  bindHost({ send, call })
  keepAccounts()
  completeWebAssembly()
  const guest = createGuest(
    { runtime: 'isolate', send: ({ type, id, head, data }) => post(type, id, head, data), flush },
    isolatePlatform,
    fetchListeners,
  )
  onPrint((level, text) => guest.log(level, text))
  onUncaught((error) => guest.log('error', `Uncaught ${format([error])}`))
  const functions = {
    fetch(input: unknown, init: unknown = undefined): Promise<Response> {
      return guest.fetch(input, init)
    },
  }
  connectWith({ open: guest.openSocket, fetch: guest.fetch })
  for (const [name, value] of Object.entries(functions)) expose(name, value, true)
  return createEntry(guest)
}

learnPlatformClasses()
cloneDetailsWith(cloneValue)
Object.defineProperty(globalThis, '__faas_bind', { value: bind, configurable: true })
