import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Demux } from '../../../../src/runtime/drivers/docker/engine/demux.ts'

const test = suite('the attached stream of a container')

const records = fc.array(fc.record({ stderr: fc.boolean(), bytes: fc.uint8Array({ maxLength: 40 }) }), {
  maxLength: 20,
})

test('comes apart into output and error, however it is cut', () => {
  fc.assert(
    fc.property(records, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (list, cuts) => {
      const wire = Buffer.concat(
        list.map(({ stderr, bytes }) => {
          const head = Buffer.alloc(8)
          head[0] = stderr ? 2 : 1
          head.writeUInt32BE(bytes.length, 4)
          return Buffer.concat([head, bytes])
        }),
      )
      const seen = { stdout: [] as number[], stderr: [] as number[] }
      const demux = new Demux((stream, bytes) => seen[stream].push(...bytes))
      for (let at = 0, turn = 0; at < wire.length; turn++) {
        const size = cuts[turn % cuts.length]!
        demux.push(wire.subarray(at, at + size))
        at += size
      }
      const expected = (stderr: boolean) =>
        list.filter((record) => record.stderr === stderr).flatMap(({ bytes }) => [...bytes])
      assert.equal(seen, { stdout: expected(false), stderr: expected(true) })
    }),
  )
})

test.run()
