import { clearTimeout, setTimeout } from 'node:timers'
import type { Context } from 'hono'
import type { AppDeps, AppEnv } from './deps.ts'
import { isUnexpected, problemResponse } from './problem.ts'

const HEARTBEAT_MS = 15_000
/** How often a waiting stream looks whether the gateway is shutting down. */
const LOOK_MS = 500

/** One server-sent event. `data` is sent as JSON. */
export interface ServerEvent {
  readonly data: unknown
  readonly id?: number
  readonly event?: string
}

/** Tells a waiting stream that there is something to send. */
export class Bell {
  #rung = false
  #wake: (() => void) | null = null

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Resolves when rung since the last wait, or after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const timer = setTimeout(resolve, ms)
      timer.unref()
      await promise
      clearTimeout(timer)
      this.#wake = null
    }
    this.#rung = false
  }
}

/** Where a stream's events come from. */
export interface EventSource {
  /** Rings when `next` has something. */
  readonly bell: Bell
  /** What there is to send now, bounded. Called only when the client has taken what came before. */
  next(): Promise<readonly ServerEvent[]> | readonly ServerEvent[]
  close(): void
}

/**
 * Answers with server-sent events. The client's pace decides how often the source is asked, so that a slow
 * one costs no memory; a comment every 15 s shows proxies that the stream lives.
 */
export function eventStream(c: Context<AppEnv>, deps: AppDeps, open: () => EventSource): Response {
  const headers = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Some reverse proxies collect an answer before they pass it on, unless they are told.
    'x-accel-buffering': 'no',
  }
  if (c.req.method === 'HEAD') return new Response(null, { headers })
  const source = open()
  const encoder = new TextEncoder()
  const requestId = c.get('requestId')
  let lastSent = performance.now()
  let left = false
  const end = () => {
    left = true
    source.close()
    source.bell.ring()
  }

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode('retry: 2000\n\n'))
    },
    async pull(controller) {
      try {
        const text = await nextText()
        if (left) return
        if (text !== null) return controller.enqueue(encoder.encode(text))
      } catch (error) {
        if (left) return
        if (isUnexpected(error)) {
          const cause = error instanceof Error ? error.stack : String(error)
          deps.log('error', 'an event stream failed', { request_id: requestId, error: cause })
        }
        const problem = await problemResponse(error, requestId).json()
        controller.enqueue(encoder.encode(written({ event: 'error', data: problem })))
      }
      end()
      controller.close()
    },
    cancel: end,
  })
  return new Response(body, { headers })

  async function nextText(): Promise<string | null> {
    while (!left && !deps.draining()) {
      const events = await source.next()
      const silent = performance.now() - lastSent
      if (events.length > 0 || silent >= HEARTBEAT_MS) {
        lastSent = performance.now()
        return events.length > 0 ? events.map(written).join('') : ': still here\n\n'
      }
      await source.bell.wait(Math.min(LOOK_MS, HEARTBEAT_MS - silent))
    }
    return null
  }
}

function written({ data, id, event }: ServerEvent): string {
  const head = (id === undefined ? '' : `id: ${id}\n`) + (event === undefined ? '' : `event: ${event}\n`)
  return `${head}data: ${JSON.stringify(data)}\n\n`
}
