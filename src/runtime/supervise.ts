import type { Kill } from '../domain/outcome.ts'
import { killedFailure } from '../domain/outcome.ts'
import { GatewayError } from '../errors.ts'
import type { Call, Instance } from './runtime.ts'

/**
 * One call under the gateway's own clock. Past the deadline what runs it is ended, and the failure is told
 * only when the sandbox is really gone. A caller that has not sent its body by then costs nobody else an instance:
 * its call alone is given up.
 * @throws FunctionFailure, InstanceGone, GatewayError body_timeout
 */
export function supervise(
  instance: Instance,
  request: Request,
  call: Call,
  timeoutMs: number,
): Promise<Response> {
  const began = Date.now()
  return new Promise<Response>((resolve, reject) => {
    let late = false
    const timer = setTimeout(
      () => {
        late = true
        if (call.starved?.() === true) {
          reject(starvedError(timeoutMs))
          call.hangUp.fire()
          return
        }
        const used = Date.now() - began
        void endOverdue(instance, call, `a call passed its limit of ${timeoutMs} ms`).then(() =>
          reject(timeoutFailure(timeoutMs, used)),
        )
      },
      Math.max(0, call.deadline - began),
    )
    instance.fetch(request, call).then(
      (response) => {
        clearTimeout(timer)
        resolve(response)
      },
      (error: unknown) => {
        clearTimeout(timer)
        if (!late) reject(error)
      },
    )
  })
}

/** Ends what runs a call that took too long: that alone where the sandbox can, else the instance with it. */
export async function endOverdue(instance: Instance, call: Call, detail: string): Promise<void> {
  const alone = (await instance.endCall?.(call, 'timeout')) ?? false
  if (!alone) await instance.close('timeout', detail)
}

function starvedError(timeoutMs: number): GatewayError {
  const detail = `Cannot take the body: it had not arrived when the call passed its ${timeoutMs} ms: send it faster`
  return new GatewayError('body_timeout', detail)
}

function timeoutFailure(limit: number, used: number): Error {
  const kill: Kill = { reason: 'timeout', limit, used }
  return killedFailure(kill, `Process Time Out (${limit % 1000 === 0 ? `${limit / 1000}s` : `${limit}ms`})`)
}

/**
 * A streamed answer under the same limit, chunk by chunk: the function may not let its reader wait longer
 * than `timeoutMs`. How long the reader itself takes does not count.
 */
export function superviseStream(
  body: ReadableStream<Uint8Array>,
  timeoutMs: number,
  onStall: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const timer = setTimeout(onStall, timeoutMs)
        try {
          const { done, value } = await reader.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          controller.error(error)
        } finally {
          clearTimeout(timer)
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
