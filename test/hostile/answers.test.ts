// @slow
// @timeout 300
import { ANSWERS } from './cases/answers.ts'
import { hostile } from './suite.ts'

await hostile('hostile functions: answers', ANSWERS)
