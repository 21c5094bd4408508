import type Dockerode from 'dockerode'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine } from '../../../../src/runtime/drivers/docker/engine/engine.ts'

const test = suite('names of containers')

/** An engine that has a container of each name that it is asked for, but for the last of them. */
function crowded(taken: number): { engine: Engine; names: string[] } {
  const names: string[] = []
  const client = {
    async createContainer({ name }: { name: string }) {
      names.push(name)
      if (names.length > taken) return { id: name }
      throw Object.assign(new Error('conflict'), { statusCode: 409, json: { message: 'name in use' } })
    },
  }
  const identity = { gateway: '0123abcd', owner: 'here:1:x' }
  return { engine: new Engine(client as unknown as Dockerode, 'unix:///x', identity), names }
}

test('one that is taken is not insisted on', async () => {
  const { engine, names } = crowded(2)
  const { id } = await engine.create({ Image: 'x' })
  assert.is(id, names[2])
  assert.is(new Set(names).size, 3)
  for (const name of names) assert.match(name, /^faas-0123abcd-[0-9a-f]{10}$/)
})

test('an engine that refuses every name is believed', async () => {
  const { engine, names } = crowded(100)
  const said = await engine.create({ Image: 'x' }).then(
    () => '',
    (error: unknown) => engine.explain(error).message,
  )
  assert.match(said, 'name in use')
  assert.is(names.length, 3)
})

test.run()
