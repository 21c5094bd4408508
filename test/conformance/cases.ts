import { answerCases } from './cases/answers.ts'
import { envelopeCases } from './cases/envelope.ts'
import { eventCases } from './cases/event.ts'
import { failureCases } from './cases/failures.ts'
import { handlerCases } from './cases/handlers.ts'
import { receiptCases } from './cases/receipt.ts'
import { recordCases } from './cases/records.ts'
import { routingCases } from './cases/routing.ts'
import { socketCases } from './cases/sockets.ts'
import { streamingCases } from './cases/streaming.ts'
import { workerStyleCases } from './cases/worker-style.ts'
import type { Register, Subject } from './subject.ts'

/** Calling a function over HTTP: the whole table, for any runtime and language. */
export function conformance(test: Register, subject: Subject): void {
  handlerCases(test, subject)
  eventCases(test, subject)
  answerCases(test, subject)
  envelopeCases(test, subject)
  failureCases(test, subject)
  receiptCases(test, subject)
  routingCases(test, subject)
  streamingCases(test, subject)
  workerStyleCases(test, subject)
  socketCases(test, subject)
  recordCases(test, subject)
}
