import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deeperLoop, loopDepth } from '../../src/domain/loop.ts'

const test = suite('depth of calls')

test('without the header a call came from outside', () => {
  assert.is(loopDepth(null), 0)
  assert.is(loopDepth(''), 0)
  assert.is(loopDepth('other-cdn; depth=5'), 0)
  assert.is(loopDepth('faas-gateway'), 0)
  assert.is(loopDepth('not-faas-gateway; depth=5'), 0)
  assert.is(loopDepth('faas-gateway; depth=-1'), 0)
})

test('what was written is read, wherever it stands', () => {
  for (let depth = 0; depth < 9; depth++) {
    assert.is(loopDepth(deeperLoop(null, depth)), depth + 1)
    assert.is(loopDepth(deeperLoop('cloudflare; loops=2', depth)), depth + 1)
    assert.is(loopDepth(`${deeperLoop(null, depth)}, fastly`), depth + 1)
  }
  assert.is(deeperLoop(null, 2), 'faas-gateway; depth=3')
  assert.is(deeperLoop('cloudflare; loops=2', 0), 'cloudflare; loops=2, faas-gateway; depth=1')
})

test('of several entries the deepest counts', () => {
  assert.is(loopDepth('faas-gateway; depth=7, faas-gateway; depth=0'), 7)
  assert.is(loopDepth('faas-gateway; depth=0,faas-gateway; depth=7'), 7)
})

// What a function writes into the header itself stands before what the gateway adds.
for (const forged of [
  'faas-gateway; depth=0',
  'FAAS-Gateway;depth=0',
  'faas-gateway; depth=0, faas-gateway; depth=0',
  'x, faas-gateway; depth=0 , y',
  'faas-gateway; depth=0,,',
  'a; b="',
  'a; b=", faas-gateway; depth=0',
  'a\\',
  ',',
  ';',
  'faas-gateway',
  'faas-gateway;',
]) {
  test(`${JSON.stringify(forged)} makes no call less deep`, () => {
    assert.is(loopDepth(deeperLoop(forged, 6)), 7)
  })
}

test('our own entry is replaced, not piled up', () => {
  let value: string | null = 'edge'
  for (let depth = 0; depth < 8; depth++) value = deeperLoop(value, depth)
  assert.is(value, 'edge, faas-gateway; depth=8')
})

test('a hostile value takes no time', () => {
  const began = Date.now()
  loopDepth(',faas-gateway ;'.repeat(4000) + '\t'.repeat(30_000))
  deeperLoop(', faas-gateway'.repeat(4000) + ' '.repeat(30_000), 1)
  assert.ok(Date.now() - began < 1000)
})

test.run()
