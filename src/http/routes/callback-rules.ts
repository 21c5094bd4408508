import type { Callback, CallbackInput } from '../../domain/callback.ts'
import type { Language } from '../../domain/runtime-name.ts'
import { GatewayError } from '../../errors.ts'
import { NotFound, PathTaken } from '../../store/store.ts'
import { isPlainObject } from '../schemas/base.ts'
import { MASK } from '../schemas/env.ts'
import { invalid } from '../schemas/parse.ts'

/** Puts the stored values in the place of masks. @throws GatewayError invalid where nothing is stored */
export function unmasked(
  action: string,
  env: Callback['env'],
  stored: Callback['env'],
): Record<string, string> {
  const errors: { path: string; message: string }[] = []
  const entries = Object.entries(env).map(([name, value]): [string, string] => {
    if (value !== MASK) return [name, value]
    if (Object.hasOwn(stored, name)) return [name, stored[name]!]
    errors.push({
      path: `env.${name}`,
      message: `is "${MASK}", which keeps a stored value, and none is stored`,
    })
    return [name, value]
  })
  if (errors.length > 0) throw invalid(action, errors)
  return Object.fromEntries(entries)
}

/** An empty library is none. @throws GatewayError invalid when it is not what the language's installer reads */
export function checkedLibrary(action: string, type: Language, library: string | null): string | null {
  if (library === null || library.trim() === '') return null
  if (type === 'node' && !isPackageJson(library)) {
    throw invalid(action, [
      {
        path: 'library',
        message: 'must be the text of a package.json: a JSON object such as {"dependencies": {}}',
      },
    ])
  }
  return library
}

function isPackageJson(text: string): boolean {
  try {
    return isPlainObject(JSON.parse(text))
  } catch {
    return false
  }
}

/** Says what a write collided with; passes every other error on. */
export function refusedWrite(
  action: string,
  input: Partial<Pick<CallbackInput, 'path' | 'method' | 'chat_id'>>,
): (error: unknown) => never {
  return (error) => {
    if (error instanceof PathTaken) {
      const route = `${input.method ?? 'its method'} /${input.path ?? 'its path'}`
      const detail = `Cannot ${action}: ${route} belongs to callback ${error.callback_id}; choose another path or method`
      throw new GatewayError('path_taken', detail, { callback_id: error.callback_id })
    }
    if (error instanceof NotFound) {
      const what = error.what === 'chatroom' ? `chatroom ${input.chat_id}` : 'the callback'
      throw new GatewayError('not_found', `Cannot ${action}: ${what} does not exist`)
    }
    throw error
  }
}
