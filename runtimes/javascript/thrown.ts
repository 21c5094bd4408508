import type { FailHead } from '../../src/runtime/wire.ts'
import { inspect } from './inspect.ts'

const MAX_MESSAGE = 16_384
const MAX_STACK = 65_536

/** What the gateway is told about something that was thrown, be it an Error or not. */
export function failHead(kind: FailHead['kind'], thrown: unknown): FailHead {
  if (typeof thrown === 'object' && thrown !== null && isErrorLike(thrown))
    return {
      kind,
      name: text(thrown, 'name', MAX_MESSAGE) || 'Error',
      message: text(thrown, 'message', MAX_MESSAGE),
      stack: text(thrown, 'stack', MAX_STACK),
    }
  const message = typeof thrown === 'string' ? thrown : inspect(thrown)
  return { kind, name: 'Error', message: message.slice(0, MAX_MESSAGE), stack: '' }
}

function isErrorLike(value: object): value is Error {
  return value instanceof Error || (text(value, 'message', 1) !== '' && text(value, 'name', 1) !== '')
}

/** A getter of the author's may throw in its turn. */
function text(holder: object, key: string, limit: number): string {
  try {
    const value: unknown = Reflect.get(holder, key)
    return typeof value === 'string' ? value.slice(0, limit) : ''
  } catch {
    return ''
  }
}
