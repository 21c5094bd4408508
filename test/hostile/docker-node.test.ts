// @engine
// @node
// @slow
// @timeout 300
import { WHOLE_NODE } from './cases/node.ts'
import { hostileContainers } from './containers.ts'

await hostileContainers('functions that do wrong with the whole Node, in containers', 'node', WHOLE_NODE)
