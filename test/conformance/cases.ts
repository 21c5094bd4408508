import { answerCases } from './cases/answers.ts'
import { endingCases } from './cases/endings.ts'
import { envelopeCases } from './cases/envelope.ts'
import { eventCases } from './cases/event.ts'
import { failureCases } from './cases/failures.ts'
import { handlerCases } from './cases/handlers.ts'
import { fetchHandlerCases } from './cases/javascript/fetch-handlers.ts'
import { moduleCases } from './cases/javascript/modules.ts'
import { responseCases } from './cases/javascript/responses.ts'
import { socketCases } from './cases/javascript/sockets.ts'
import { throwCases } from './cases/javascript/throws.ts'
import { workerStyleCases } from './cases/javascript/worker-style.ts'
import { logCases } from './cases/logs.ts'
import { pythonAnswerCases } from './cases/python/answers.ts'
import { asgiCases } from './cases/python/asgi.ts'
import { pythonFailureCases } from './cases/python/failures.ts'
import { pythonHandlerCases } from './cases/python/handlers.ts'
import { wsgiCases } from './cases/python/wsgi.ts'
import { receiptCases } from './cases/receipt.ts'
import { recordCases } from './cases/records.ts'
import { routingCases } from './cases/routing.ts'
import { streamingCases } from './cases/streaming.ts'
import type { Register, Subject } from './subject.ts'

/** Calling a function over HTTP: what is the same in every runtime and language. Each case has code in both. */
export function sharedCases(test: Register, subject: Subject): void {
  handlerCases(test, subject)
  eventCases(test, subject)
  answerCases(test, subject)
  envelopeCases(test, subject)
  failureCases(test, subject)
  endingCases(test, subject)
  receiptCases(test, subject)
  routingCases(test, subject)
  streamingCases(test, subject)
  logCases(test, subject)
  recordCases(test, subject)
}

/**
 * What only JavaScript has: modules, fetch handlers, Request and Response, sockets.
 * @param networked the same, where functions have a network
 */
export function javascriptCases(test: Register, subject: Subject, networked = subject): void {
  moduleCases(test, subject)
  fetchHandlerCases(test, subject)
  responseCases(test, subject)
  throwCases(test, subject)
  workerStyleCases(test, subject, networked)
  socketCases(test, networked)
}

/** What only Python has: its ways to write a handler, generators, ASGI and WSGI applications. */
export function pythonCases(test: Register, subject: Subject): void {
  pythonHandlerCases(test, subject)
  pythonAnswerCases(test, subject)
  pythonFailureCases(test, subject)
  asgiCases(test, subject)
  wsgiCases(test, subject)
}

/** The whole table for one runtime: what all share, and what is its language's alone. */
export function conformance(test: Register, subject: Subject, networked = subject): void {
  sharedCases(test, subject)
  if (subject.language === 'node') javascriptCases(test, subject, networked)
  else pythonCases(test, subject)
}
