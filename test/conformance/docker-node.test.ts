// @node
// @engine
// @timeout 300
import { suite } from 'uvu'
import { declareDockerTable } from './docker.ts'
import { DOCKER_NODE } from './profiles.ts'

const test = suite('calling a function in a Node container')
await declareDockerTable(test, DOCKER_NODE)
test.run()
