import { createCompression } from './compression.ts'
import { createSubtle } from './subtle.ts'

/** One thing that the host does for an isolate; its arguments come from the author's code and are checked here. */
export type Service = (args: unknown[]) => unknown

/** What one isolate may ask for that takes time. Everything it holds is this isolate's alone. */
export function createServices(): (service: string, args: unknown[]) => Promise<unknown> {
  const table = new Map<string, Service>([...createSubtle(), ...createCompression()])
  let running = 0
  return async (service, args) => {
    const found = table.get(service)
    if (found === undefined) throw new Error(`There is no service "${service}"`)
    if (running >= MAX_RUNNING)
      throw new Error(
        `Cannot do "${service}": ${MAX_RUNNING} operations are under way already, wait for some of them`,
      )
    running++
    try {
      return await found(args)
    } finally {
      running--
    }
  }
}

/** Operations of one isolate at a time: what is asked for beyond that is refused, so that no queue grows without end. */
const MAX_RUNNING = 1024
