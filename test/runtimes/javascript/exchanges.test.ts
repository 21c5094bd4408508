import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { OpenExchanges } from '../../../runtimes/javascript/exchanges.ts'

const test = suite('exchanges that a guest opens')

test('ids are odd, and none is given twice while it is in use', () => {
  const exchanges = new OpenExchanges()
  const open = new Map<number, () => void>()
  const add = () =>
    exchanges.add((id, finished) => {
      assert.is(id % 2, 1)
      assert.is(open.has(id), false)
      open.set(id, finished)
      return { receive: () => undefined }
    })
  for (let count = 0; count < 100; count++) add()
  for (const [id, finished] of [...open].slice(0, 50)) {
    finished()
    open.delete(id)
  }
  for (let count = 0; count < 100; count++) add()
})

test('a message reaches its exchange, and nobody once that has finished', () => {
  const exchanges = new OpenExchanges()
  const heard: string[] = []
  let end: () => void = () => undefined
  let id = 0
  exchanges.add((given, finished) => {
    id = given
    end = finished
    return { receive: (type, head) => heard.push(`${type} ${head}`) }
  })
  exchanges.receive(id, 17, 'first', null)
  exchanges.receive(id + 2, 17, 'to nobody', null)
  end()
  exchanges.receive(id, 17, 'late', null)
  assert.equal(heard, ['17 first'])
})

test.run()
