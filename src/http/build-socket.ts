import { clearInterval, setInterval } from 'node:timers'
import type { WSContext, WSEvents } from 'hono/ws'
import type { AppDeps } from './deps.ts'

/** Bytes that may wait for one client before it counts as too slow. */
const MAX_WAITING = 1_048_576
const LOOK_MS = 500
const OPEN = 1
const GOING_AWAY = 1001
const TRY_AGAIN_LATER = 1013

/** The progress of every build over a WebSocket. What the client sends is ignored. */
export function buildSocket(deps: Pick<AppDeps, 'feed' | 'draining'>): WSEvents {
  let end = () => {}
  return {
    onOpen(_event, socket) {
      const unsubscribe = deps.feed.subscribe((message) => {
        if (socket.readyState !== OPEN) return
        if (waitingBytes(socket) > MAX_WAITING) {
          close(TRY_AGAIN_LATER, 'the client reads too slowly: connect again')
        } else {
          socket.send(JSON.stringify(message))
        }
      })
      const look = setInterval(() => {
        if (deps.draining()) close(GOING_AWAY, 'the gateway is shutting down')
      }, LOOK_MS)
      look.unref()
      end = () => {
        unsubscribe()
        clearInterval(look)
      }
      function close(code: number, reason: string) {
        end()
        socket.close(code, reason)
      }
    },
    onClose: () => end(),
    onError: () => end(),
  }
}

/** Both hosts' sockets count what they could not send yet. */
function waitingBytes(socket: WSContext): number {
  return (socket.raw as { bufferedAmount?: number } | undefined)?.bufferedAmount ?? 0
}
