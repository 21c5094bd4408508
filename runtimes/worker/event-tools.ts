import type { EventTools } from '../javascript/event-tools.ts'

// The two hosts' types know two kinds of `Event`: a listener here takes what this target fires.
type Listener = Parameters<EventTarget['addEventListener']>[1]

const tasks: (() => void)[] = []
let channel: MessageChannel | null = null

function openChannel(): MessageChannel {
  const made = new MessageChannel()
  made.port1.onmessage = () => tasks.shift()?.()
  return made
}

/** Events on the web platform that the host has itself. */
export const workerEventTools: EventTools = {
  fire: (target, event) => {
    target.dispatchEvent(event)
  },

  attribute(prototype, name) {
    const values = new WeakMap<object, { handler: unknown; run: (event: Event) => void }>()
    Object.defineProperty(prototype, `on${name}`, {
      enumerable: true,
      configurable: true,
      get(this: EventTarget) {
        return values.get(this)?.handler ?? null
      },
      set(this: EventTarget, handler: unknown) {
        const known = values.get(this)
        if (typeof handler !== 'function') {
          if (known === undefined) return
          values.delete(this)
          this.removeEventListener(name, known.run as Listener)
        } else if (known !== undefined) known.handler = handler
        else {
          const entry = {
            handler,
            run: (event: Event) => {
              ;(entry.handler as (event: Event) => unknown).call(this, event)
            },
          }
          values.set(this, entry)
          this.addEventListener(name, entry.run as Listener)
        }
      },
    })
  },

  queueTask(action) {
    tasks.push(action)
    channel ??= openChannel()
    channel.port2.postMessage(null)
  },
}
