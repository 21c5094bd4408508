// @slow
// @timeout 300
import { MEMORY } from './cases/memory.ts'
import { hostile } from './suite.ts'

await hostile('hostile functions: memory', MEMORY)
