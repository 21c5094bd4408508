import * as assert from 'uvu/assert'
import { problemOf, THREW } from '../../problems.ts'
import type { JavaScriptCode, Register, Subject } from '../../subject.ts'

/** JavaScript throws any value, and promises reject with any. */
const THROWN = [
  ['export const handler = () => Promise.reject("a text")', 'Error', 'a text'],
  ['export const handler = () => { throw undefined }', 'Error', 'undefined'],
  ['export const handler = () => { throw { why: "no error" } }', 'Error', "{ why: 'no error' }"],
  [
    'export const handler = () => { throw Object.defineProperty(new Error(), "message", { get() { throw 1 } }) }',
    'Error',
    '',
  ],
] as const

/** What only JavaScript can throw. */
export function throwCases(test: Register, { deploy }: Subject<JavaScriptCode>): void {
  test('failure: values of JavaScript that are thrown', async () => {
    for (const [node, name, message] of THROWN) {
      const problem = await problemOf(await (await deploy({ node })).call(), THREW)
      assert.equal([problem.error?.name, problem.error?.message], [name, message], node)
    }
  })

  test('failure: a fetch handler that answers with no Response is sent as any other value', async () => {
    const answer = await (await deploy({ node: 'export default () => ({ not: "a Response" })' })).call()
    assert.equal([answer.status, await answer.text()], [200, '{"not":"a Response"}'])
  })
}
