// @timeout 120
import { suite } from 'uvu'
import { ISOLATE } from './profiles.ts'
import { declareTable } from './table.ts'

const test = suite('calling a function in an isolate')
await declareTable(test, ISOLATE)
test.run()
