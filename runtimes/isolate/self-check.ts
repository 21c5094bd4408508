/** A program that loads the addon, runs one isolate and says how long that took: for `npm run doctor`. */
import ivm from 'isolated-vm'

const MEMORY_MB = 8

const started = performance.now()
const isolate = new ivm.Isolate({ memoryLimit: MEMORY_MB })
const context = await isolate.createContext()
const answer: unknown = await context.eval('[20, 22].reduce((sum, next) => sum + next)')
isolate.dispose()
process.stdout.write(JSON.stringify({ answer, node: process.version, ms: performance.now() - started }))
