import { gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createCompression } from '../../../../runtimes/isolate/bridge/compression.ts'
import { STEP } from '../../../../runtimes/isolate/prelude/compression-step.ts'

const test = suite('compression for an isolate')

test('a small piece that holds very much is handed over in steps', async () => {
  const ask = services()
  const packed = gzipSync(new Uint8Array(20 * STEP))
  const handle = await ask('zlib.open', 'decompress', 'gzip')
  let output = (await ask('zlib.write', handle, packed)) as Uint8Array
  let total = output.length
  let steps = 1
  while (output.length >= STEP) {
    assert.ok(output.length < 2 * STEP, `one step gave ${output.length} bytes`)
    output = (await ask('zlib.more', handle)) as Uint8Array
    total += output.length
    steps++
  }
  total += ((await ask('zlib.end', handle)) as Uint8Array).length
  assert.is(total, 20 * STEP)
  assert.ok(steps > 10, `${steps} steps`)
})

test('nothing is written while the step before is not taken', async () => {
  const ask = services()
  const handle = await ask('zlib.open', 'decompress', 'gzip')
  await ask('zlib.write', handle, gzipSync(new Uint8Array(20 * STEP)))
  await rejects(() => ask('zlib.write', handle, new Uint8Array(1)), /still at work/)
  await ask('zlib.close', handle)
  await rejects(() => ask('zlib.more', handle), /is closed/)
})

test('a stream that is broken or cut off fails, and is closed', async () => {
  const ask = services()
  const broken = await ask('zlib.open', 'decompress', 'gzip')
  await rejects(() => ask('zlib.write', broken, new Uint8Array([1, 2, 3])), /incorrect header/)
  await rejects(() => ask('zlib.end', broken), /is closed/)
  const cut = await ask('zlib.open', 'decompress', 'gzip')
  await ask('zlib.write', cut, gzipSync('text').subarray(0, 12))
  await rejects(() => ask('zlib.end', cut), /unexpected end/)
})

test.run()

function services(): (name: string, ...args: unknown[]) => Promise<unknown> {
  const table = new Map(createCompression())
  return async (name, ...args) => table.get(name)!(args)
}

async function rejects(action: () => Promise<unknown>, pattern: RegExp): Promise<void> {
  const failure = await action().then(
    () => null,
    (error: unknown) => error,
  )
  assert.instance(failure, TypeError)
  assert.match((failure as Error).message, pattern)
}
