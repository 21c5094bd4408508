// @engine
// @node
// @slow
// @timeout 180
import { fixture } from './case.ts'
import { FROM_ISOLATES } from './cases/node.ts'
import { hostileContainers } from './containers.ts'

await hostileContainers('what does wrong in isolates, in containers', 'node', FROM_ISOLATES, fixture)
