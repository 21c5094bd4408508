import type { Run } from './options.ts'

const FRAME = '\n    at'

/**
 * An error by its stack; what that says already is taken out of the properties, and what belongs to it put in.
 * @param keys the properties that will be shown, changed in place
 */
export function showError(error: Error, keys: PropertyKey[], run: Run): string {
  const stack = typeof error.stack === 'string' && error.stack !== '' ? error.stack : errorText(error)
  if (!run.options.showHidden) {
    for (const name of ['name', 'message', 'stack'] as const) {
      const at = keys.indexOf(name)
      if (at !== -1 && stack.includes(String(error[name]))) keys.splice(at, 1)
    }
  }
  for (const name of ['cause', 'errors']) {
    if (Object.hasOwn(error, name) && !keys.includes(name)) keys.push(name)
  }
  const text = stack.includes(FRAME) ? stack : `[${stack}]`
  return run.indentation === 0 ? text : text.replaceAll('\n', `\n${' '.repeat(run.indentation)}`)
}

function errorText(error: Error): string {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return 'Error'
  }
}
