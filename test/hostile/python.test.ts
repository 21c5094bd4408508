// @engine
// @node
// @slow
// @timeout 300
import { PYTHON } from './cases/python.ts'
import { hostileContainers } from './containers.ts'

await hostileContainers('Python functions that do wrong, in containers', 'python', PYTHON)
