import { type AnswerHead, type FailHead, type KilledHead, WireError } from './wire.ts'

const FAIL_KINDS = ['threw', 'unsendable', 'no_handler'] as const
const KILLED_REASONS = ['timeout', 'memory', 'cpu', 'crash', 'protocol'] as const

/** Reads the head of an ANSWER: guests share their realm with the author's code, and are not trusted. @throws WireError, SyntaxError */
export function parseAnswerHead(text: string): AnswerHead {
  const head = JSON.parse(text) as Partial<AnswerHead> | null
  if (
    typeof head !== 'object' ||
    head === null ||
    !Number.isInteger(head.status) ||
    typeof head.whole !== 'boolean' ||
    !Array.isArray(head.headers) ||
    !head.headers.every(isPair)
  )
    throw new WireError('the head of an answer that is none')
  return head as AnswerHead
}

/** Reads the head of a FAIL. @throws WireError, SyntaxError */
export function parseFailHead(text: string): FailHead {
  const head = JSON.parse(text) as Partial<FailHead> | null
  if (typeof head !== 'object' || head === null) throw new WireError('the head of a failure that is none')
  const { kind, name, message, stack, pending } = head
  return {
    kind: FAIL_KINDS.find((known) => known === kind) ?? 'threw',
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : '',
    stack: typeof stack === 'string' ? stack : '',
    ...(pending === true ? { pending } : {}),
  }
}

/** Reads the head of a KILLED. @throws WireError, SyntaxError */
export function parseKilledHead(text: string): KilledHead {
  const head = JSON.parse(text) as Partial<KilledHead> | null
  const reason = KILLED_REASONS.find((known) => known === head?.reason)
  if (reason === undefined) throw new WireError('the head of a killed call that is none')
  return {
    reason,
    detail: typeof head?.detail === 'string' ? head.detail : reason,
    limit: typeof head?.limit === 'number' ? head.limit : null,
    used: typeof head?.used === 'number' ? head.used : null,
  }
}

/** Reads a number that a guest tells of itself; null where it is none that could be shown. */
export function figure(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : null
}

function isPair(pair: unknown): pair is [string, string] {
  return (
    Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string' && typeof pair[1] === 'string'
  )
}
