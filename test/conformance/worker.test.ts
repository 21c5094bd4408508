// @timeout 180
import { suite } from 'uvu'
import { skip } from '../support/skip.ts'
import { WORKER } from './profiles.ts'
import { declareTable } from './table.ts'

const test = suite('calling a function in a Deno worker')

// A Node that is not there: the gateway falls back on workers.
if ('Deno' in globalThis) await declareTable(test, WORKER, { settings: { FAAS_NODE: '/nowhere/node' } })
else skip(test, 'the whole table', { name: 'worker', missing: 'workers exist on Deno only' })

test.run()
