// @engine
// @timeout 300
import { suite } from 'uvu'
import { declareDockerTable } from './docker.ts'
import { DOCKER_PYTHON } from './profiles.ts'

const test = suite('calling a function in a Python container')
await declareDockerTable(test, DOCKER_PYTHON)
test.run()
