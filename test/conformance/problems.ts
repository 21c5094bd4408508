import * as assert from 'uvu/assert'

/** A problem document of /api. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly blame: string
  readonly request_id: string
  readonly callback_id?: number
  readonly lambdaStatusCode: number
  readonly body: string
  readonly error?: { name: string; message: string; stack: string }
  readonly kill?: { reason: string; limit: number | null; used: number | null }
}

/** What an error is told as. */
export interface Expected {
  readonly status: number
  readonly code: string
  readonly lambda: number
  readonly blame: string
}

/** Holds an error answer against the one shape that all have, and gives its document. */
export async function problemOf(answer: Response, expected: Expected, about = ''): Promise<Problem> {
  const text = await answer.text()
  const what = `${about} ${answer.status} ${text}`
  assert.is(answer.headers.get('content-type'), 'application/problem+json', what)
  const problem = JSON.parse(text) as Problem
  assert.is(answer.status, expected.status, what)
  assert.is(problem.status, expected.status, what)
  assert.is(problem.code, expected.code, what)
  assert.is(problem.blame, expected.blame, what)
  assert.is(problem.lambdaStatusCode, expected.lambda, what)
  assert.is(answer.headers.get('x-lambda-status-code'), String(expected.lambda), what)
  assert.is(answer.headers.get('x-request-id'), problem.request_id, what)
  for (const field of ['type', 'title', 'detail', 'body'] as const)
    assert.type(problem[field], 'string', what)
  assert.not.match(problem.detail, /[.!]$/, 'a sentence ends without a period')
  assert.not.match(
    text,
    /node:internal|node_modules|\/src\/|runtimes\/|file:\/\//,
    'nothing of the gateway itself',
  )
  return problem
}

export const THREW: Expected = { status: 500, code: 'function_threw', lambda: 500, blame: 'function' }
export const UNSENDABLE: Expected = { status: 502, code: 'answer_unsendable', lambda: 400, blame: 'function' }
export const TIMEOUT: Expected = { status: 504, code: 'function_timeout', lambda: 504, blame: 'function' }
export const KILLED: Expected = { status: 500, code: 'function_killed', lambda: 500, blame: 'function' }
