// @slow
// @timeout 300
import { TIME } from './cases/time.ts'
import { hostile } from './suite.ts'

await hostile('hostile functions: time', TIME)
