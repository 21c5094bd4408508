import { looksLikeResponse, type Platform, standardPlatform } from '../javascript/platform.ts'

/** Node's own web classes, loaded when the first call needs them: handlers of events never do. */
export function nodePlatform(): Platform {
  let loaded: Platform | null = null
  const web = (): Platform => (loaded ??= standardPlatform())
  return {
    request: (head, body, signal) => web().request(head, body, signal),
    answer: (value) => (looksLikeResponse(value) ? web().answer(value) : null),
    outgoing: (input, init) => web().outgoing(input, init),
    response: (head, body, signal) => web().response(head, body, signal),
  }
}
