import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MemoryWatch, type Watched } from '../../../runtimes/isolate/memory-watch.ts'

const test = suite('the watch over the memory of a host')

const MIB = 1_048_576

function setUp() {
  const size = { mb: 100 }
  const ended: string[] = []
  const watch = new MemoryWatch(() => size.mb * MIB)
  const isolate = (name: string, memoryMb: number): Watched => ({
    memoryMb,
    overdrew: (usedMb) => ended.push(`${name} ${usedMb}`),
  })
  return { size, ended, watch, isolate }
}

test('ends what works while the process outgrows all that works may take', () => {
  const { size, ended, watch, isolate } = setUp()
  const bomb = isolate('bomb', 32)
  watch.entered(bomb)
  watch.look()
  size.mb = 200
  watch.look()
  assert.equal(ended, [])
  size.mb = 220
  watch.look()
  assert.equal(ended, ['bomb 120'])
  size.mb = 500
  watch.look()
  assert.is(ended.length, 1, 'it is ended once')
})

test('takes the one that began last for the cause, of those that saw all of it', () => {
  const { size, ended, watch, isolate } = setUp()
  const [busy, bomb, late] = [isolate('busy', 32), isolate('bomb', 32), isolate('late', 32)]
  watch.entered(busy)
  watch.look()
  watch.entered(bomb)
  watch.look()
  size.mb = 400
  watch.entered(late)
  watch.look()
  assert.equal(ended, ['bomb 300'])
  watch.left(busy)
  watch.left(late)
  watch.look()
})

test('begins anew with each entry', () => {
  const { size, ended, watch, isolate } = setUp()
  const one = isolate('one', 32)
  for (let entry = 0; entry < 10; entry++) {
    watch.entered(one)
    watch.look()
    size.mb += 60
    watch.look()
    watch.left(one)
  }
  watch.look()
  assert.equal(ended, [])
})

test.run()
