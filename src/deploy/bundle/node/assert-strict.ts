// `node:assert/strict` where there is no Node.
import { deepStrictEqual, notDeepStrictEqual, notStrictEqual, strict, strictEqual } from './assert.ts'

export {
  AssertionError,
  deepStrictEqual,
  doesNotMatch,
  doesNotReject,
  doesNotThrow,
  fail,
  ifError,
  match,
  notDeepStrictEqual,
  notStrictEqual,
  ok,
  partialDeepStrictEqual,
  rejects,
  strict,
  strictEqual,
  throws,
} from './assert.ts'

export const equal = strictEqual
export const notEqual = notStrictEqual
export const deepEqual = deepStrictEqual
export const notDeepEqual = notDeepStrictEqual

export default strict
