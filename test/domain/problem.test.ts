import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf, lambdaStatusOf, problemDocument, problemHeaders } from '../../src/domain/problem.ts'
import { ERRORS, type ErrorCode, GatewayError } from '../../src/errors.ts'

const test = suite('problem documents')

test('every code of the table has a whole document and a status of its own', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const document = problemDocument(failureOf(new GatewayError(code, 'It did not work')), 'r1')
    assert.equal(document, {
      type: `urn:faas:error:${code}`,
      title: ERRORS[code].title,
      status: ERRORS[code].status,
      detail: 'It did not work',
      code,
      blame: ERRORS[code].blame,
      request_id: 'r1',
    })
  }
})

test('extras are added and cannot override what is standard', () => {
  const failure = failureOf(
    new GatewayError('not_found', 'Gone', { callback_id: 7, status: 200, detail: 'fine' }),
  )
  const document = problemDocument(failure, 'r1')
  assert.is(document.callback_id, 7)
  assert.is(document.status, 404)
  assert.is(document.detail, 'Gone')
})

test('Allow and Retry-After come from the extras; every 503 says when to come back', () => {
  const headers = (code: ErrorCode, extras = {}) =>
    problemHeaders(failureOf(new GatewayError(code, '', extras)), 'r1')
  assert.is(headers('method_not_allowed', { allow: ['GET', 'HEAD'] }).allow, 'GET, HEAD')
  assert.is(headers('queue_full', { retry_after: 1.2 })['retry-after'], '2')
  assert.is(headers('start_failed')['retry-after'], '1')
  assert.is(headers('not_found')['retry-after'], undefined)
  assert.is(headers('not_found')['content-type'], 'application/problem+json')
  assert.is(headers('not_found')['x-lambda-status-code'], undefined)
})

test('errors of calls carry the older members with the real number', () => {
  const kill = { reason: 'timeout', limit: 1500, used: 1502 }
  const failure = failureOf(new GatewayError('function_timeout', 'Too slow', { kill }))
  const document = problemDocument(failure, 'r1', { api: true })
  assert.is(document.lambdaStatusCode, 504)
  assert.is(document.body, 'Process Time Out (1.5s)')
  assert.is(problemHeaders(failure, 'r1', { api: true })['x-lambda-status-code'], '504')
  const error = { name: 'Error', message: 'boom', stack: '' }
  const threw = problemDocument(failureOf(new GatewayError('function_threw', 'It threw', { error })), 'r1', {
    api: true,
  })
  assert.is(threw.lambdaStatusCode, 500)
  assert.is(threw.body, 'boom')
  assert.is(lambdaStatusOf({ code: 'answer_unsendable' }), 400)
})

test.run()
