import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser'
import { GatewayError } from '../errors.ts'

/** How deep arrays and objects may nest; no body of this API comes near it. */
export const MAX_DEPTH = 64

/**
 * Parses JSON as RFC 8259 has it, and refuses what it leaves open: duplicate names and absurd nesting.
 * @throws GatewayError malformed_json with the position, invalid with the path of a duplicate name
 */
export function parseJson(text: string): unknown {
  const duplicate = findDuplicate(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed(text)
  }
  if (duplicate === null) return value
  throw new GatewayError('invalid', `Cannot read the body: ${duplicate} is given twice; give it once`, {
    errors: [{ path: duplicate, message: 'is given twice; give it once' }],
  })
}

interface Frame {
  /** Names seen so far; null in an array. */
  readonly names: Set<string> | null
  /** The name whose value is being read. */
  name: string
  index: number
  expectsName: boolean
}

/**
 * One pass without recursion, so that no nesting can overflow the stack. On text that is not JSON its answer
 * means nothing; the parser comes to its own verdict.
 */
function findDuplicate(text: string): string | null {
  const stack: Frame[] = []
  let duplicate: string | null = null
  for (let i = 0; i < text.length; i++) {
    const top = stack[stack.length - 1]
    switch (text.charCodeAt(i)) {
      case 0x22: {
        const end = endOfString(text, i)
        if (top?.names && top.expectsName) {
          const name = nameOf(text.slice(i, end + 1))
          if (top.names.has(name)) duplicate ??= pathOf(stack, name)
          top.names.add(name)
          top.name = name
          top.expectsName = false
        }
        i = end
        break
      }
      case 0x7b:
      case 0x5b: {
        if (stack.length === MAX_DEPTH) throw tooDeep(i)
        const object = text.charCodeAt(i) === 0x7b
        stack.push({ names: object ? new Set() : null, name: '', index: 0, expectsName: object })
        break
      }
      case 0x7d:
      case 0x5d:
        stack.pop()
        break
      case 0x2c:
        if (top === undefined) break
        if (top.names === null) top.index++
        else top.expectsName = true
        break
    }
  }
  return duplicate
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
}

/** Names are compared as the parser will read them: `"a"` and `"\u0061"` are one name. */
function nameOf(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted
  }
}

function pathOf(stack: readonly Frame[], name: string): string {
  const parents = stack.slice(0, -1).map((frame) => (frame.names === null ? String(frame.index) : frame.name))
  return [...parents, name].join('.')
}

function tooDeep(offset: number): GatewayError {
  return new GatewayError(
    'malformed_json',
    `Cannot read the body: it nests deeper than ${MAX_DEPTH} levels at offset ${offset}`,
    { position: { offset } },
  )
}

class FirstError extends Error {
  readonly offset: number
  readonly what: string
  constructor(code: ParseErrorCode, offset: number) {
    super()
    this.offset = offset
    this.what = printParseErrorCode(code)
  }
}

/** Where and why the parser stopped. Its own message has a position on some hosts only. */
function malformed(text: string): GatewayError {
  let offset = text.length
  let what = 'UnexpectedEnd'
  try {
    visit(
      text,
      {
        onError(code, at) {
          throw new FirstError(code, at)
        },
      },
      { disallowComments: true, allowTrailingComma: false },
    )
  } catch (error) {
    if (!(error instanceof FirstError)) throw error
    offset = error.offset
    what = error.what
  }
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - before.lastIndexOf('\n')
  const reason = text.trim() === '' ? 'it is empty' : what.replace(/\B([A-Z])/g, ' $1').toLowerCase()
  return new GatewayError(
    'malformed_json',
    `Cannot read the body: it is not JSON at line ${line}, column ${column}: ${reason}`,
    { position: { offset, line, column } },
  )
}
