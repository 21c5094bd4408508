import { type Answer, type OutgoingBody, Unsendable } from '../../javascript/answer.ts'
import type { IncomingBody } from '../../javascript/incoming-body.ts'
import { looksLikeResponse, type Platform } from '../../javascript/platform.ts'
import type { AbortSignal } from './abort.ts'
import { type Body, bodyStream, isUnusable } from './body.ts'
import { incomingRequest, Request, stateOfRequest } from './request.ts'
import { currentList } from './request-init.ts'
import { fetchedResponse, isResponse, responseList, stateOfResponse } from './response.ts'
import { ReadableStream } from './streams.ts'

/** The guest's way into the classes here: it takes bodies as what they were made of, without a stream in between. */
export const isolatePlatform: Platform = {
  request: (head, body, signal) =>
    incomingRequest(head.method, head.url, head.headers, body, signal) as unknown as globalThis.Request,

  answer(value): Answer | null {
    if (!isResponse(value)) return looksLikeResponse(value) ? foreignAnswer(value) : null
    const state = stateOfResponse(value)
    if (state.status < 200)
      throw new Unsendable('Cannot send the answer: it is an error Response, its status must be 200 to 599')
    if (isUnusable(state.body))
      throw new Unsendable('Cannot send the answer: the body of the Response was already read, or is locked')
    return { status: state.status, headers: responseList(state), body: outgoing(state.body) }
  },

  outgoing(input, init) {
    const request = new Request(input, init)
    const state = stateOfRequest(request)
    return {
      method: state.method,
      url: state.url,
      headers: currentList(state),
      body: outgoing(state.body),
      redirect: state.redirect,
      integrity: state.integrity,
      signal: state.signal as unknown as (globalThis.AbortSignal & AbortSignal) | null,
    }
  },

  response: (head, body, signal) =>
    fetchedResponse(head, body, signal as AbortSignal | null) as unknown as globalThis.Response,
}

function outgoing(body: Body | null): OutgoingBody {
  if (body === null) return null
  const { source } = body
  if (source === null || body.stream !== null) return bodyStream(body)
  body.used = true
  if (typeof source === 'string' || source instanceof Uint8Array) return source
  return whole(source)
}

/** A body that came in and goes out again, untouched. */
function whole(source: IncomingBody): OutgoingBody {
  return source.whole ?? source.stream()
}

function foreignAnswer(value: globalThis.Response): Answer {
  if (value.bodyUsed)
    throw new Unsendable('Cannot send the answer: the body of the Response was already read')
  if (value.status < 200 || value.status > 599)
    throw new Unsendable(
      `Cannot send the answer: the status of the Response is ${value.status}, it must be 200 to 599`,
    )
  return { status: value.status, headers: [...value.headers], body: foreignBody(value) }
}

/** A stream of another make is read through its reader, which all makes have. */
function foreignBody(value: globalThis.Response): OutgoingBody {
  const { body } = value
  if (body === null || body === undefined) return null
  if (body instanceof ReadableStream) return body
  const reader = (body as globalThis.ReadableStream<Uint8Array>).getReader()
  return new ReadableStream({
    async pull(controller) {
      const { done, value: piece } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(piece)
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
