// The host is told of an unhandled rejection with a copy of its reason. To do so the engine reads the error's stack,
// which is put into words on that first reading: who does the wording learns which error it is.

const apply = Reflect.apply
const errorToString = Error.prototype.toString
const KEPT = 16

interface Worded {
  readonly error: WeakRef<object>
  readonly stack: string
}

const recent: Worded[] = []
let remembering = false

/** From now on errors can be found again by their stacks. Asked for with the first listener for rejections. */
export function rememberErrors(): void {
  if (remembering) return
  remembering = true
  const holder = Error as ErrorConstructor & { prepareStackTrace?: unknown }
  // An author who words stacks himself goes first.
  if (typeof holder.prepareStackTrace === 'function') return
  const prepareStackTrace = (error: object, sites: readonly unknown[]): string => {
    let stack = headline(error)
    for (let index = 0; index < sites.length; index++) stack += `\n    at ${String(sites[index])}`
    if (recent.length >= KEPT) recent.shift()
    recent.push({ error: new WeakRef(error), stack })
    return stack
  }
  Object.defineProperty(Error, 'prepareStackTrace', {
    value: prepareStackTrace,
    writable: true,
    configurable: true,
  })
}

/** The error that has this stack, the latest if there are several; undefined where it is not known. */
export function errorWithStack(stack: string): object | undefined {
  for (let index = recent.length - 1; index >= 0; index--) {
    const found = recent[index]!
    if (found.stack === stack) return found.error.deref()
  }
  return undefined
}

function headline(error: object): string {
  try {
    return apply(errorToString, error, []) as string
  } catch {
    return '<error>'
  }
}
