import { createConsole } from '../../javascript/console.ts'
import type { Level } from '../../javascript/logs.ts'
import { expose } from './define.ts'

let sink: (level: Level, text: string) => void = () => {}

/** Where printed lines go. */
export function onPrint(listener: (level: Level, text: string) => void): void {
  sink = listener
}

const methods = createConsole((level, text) => sink(level, text))
for (const [name, method] of Object.entries(methods)) {
  Object.defineProperty(method, 'name', { value: name, configurable: true })
  // None of them needs an argument.
  Object.defineProperty(method, 'length', { value: 0, configurable: true })
}
// As the standard has it: an ordinary object with a tag, whose methods need no receiver.
const consoleObject = Object.assign(Object.create({}), methods)
Object.defineProperty(consoleObject, Symbol.toStringTag, { value: 'console', configurable: true })
expose('console', consoleObject)
