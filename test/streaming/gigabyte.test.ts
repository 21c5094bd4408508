// @timeout 900
// @serial
// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startGateway } from '../clients/gateway.ts'
import { needing } from '../support/skip.ts'
import { hasProc, type Peaks, watchMemory } from './memory.ts'
import { PATTERN_CODE } from './pattern.ts'
import { type Transfer, type Transferred, transfer } from './transfer.ts'

const GIB = 1_073_741_824
/** How far into a transfer its memory has settled. */
const EARLY = 0.25
/** MiB that any process may grow by from then on, and that it may have at all. */
const GROWTH = 64
const MOST = 512
const LIMITS = { timeout_ms: 600_000, max_instances: 1 }

const GENERATE = `${PATTERN_CODE}
function generate(length) {
  let left = length
  return new ReadableStream({
    pull(controller) {
      const piece = pattern.slice(0, left)
      if (piece.length > 0) controller.enqueue(piece)
      left -= piece.length
      if (left === 0) controller.close()
    },
  })
}`

const test = suite('a gigabyte passes with flat memory')
const onLinux = needing(test, { name: 'proc', missing: hasProc() ? null : 'there is no /proc' })
// A bare Deno.serve that passes a body on through a stream of its own does the same: 8 MB/s, and its memory grows.
const bothWays =
  'Deno' in globalThis ? 'the server of Deno 2.9 keeps what passes in both directions at once' : null
const onDuplex = needing(test, { name: 'duplex', missing: hasProc() ? bothWays : 'there is no /proc' })
const gateway = await startGateway({ FAAS_EGRESS: 'all' })
const { port, pid } = gateway
test.after(async () => {
  await gateway.stop()
})

/** Runs a transfer and fails unless no process of the gateway grew once it was under way. */
async function flat(what: string, options: Omit<Transfer, 'port' | 'progress'>): Promise<Transferred> {
  const watch = watchMemory(pid)
  let marked = false
  const progress = (bytes: number) => {
    if (marked || bytes < GIB * EARLY) return
    marked = true
    watch.mark()
  }
  const began = performance.now()
  const result = await transfer({ port, ...options, progress })
  const rate = GIB / 1000 / (performance.now() - began)
  const peaks = watch.stop()
  console.log(`${what}: ${Math.round(rate)} MB/s; peaks ${peaks.map(shown).join(', ')}`)
  assert.ok(marked, 'a quarter of it passed')
  for (const peak of peaks) {
    assert.ok(peak.late < MOST, `process ${shown(peak)}: must stay below ${MOST} MiB`)
    assert.ok(peak.early === 0 || peak.late < peak.early + GROWTH, `process ${shown(peak)}: must not grow`)
  }
  return result
}

function shown({ pid, early, late }: Peaks): string {
  return `${pid}: ${Math.round(early)} then ${Math.round(late)} MiB`
}

onLinux('as an answer that the function generates', async () => {
  const { path } = await gateway.serve(
    `${GENERATE}
    export default () => new Response(generate(${GIB}))`,
    LIMITS,
  )
  const { status, bytes, intact } = await flat('answer', { path })
  assert.equal([status, bytes, intact], [200, GIB, true])
})

for (const chunked of [false, true]) {
  const how = chunked ? 'in chunks' : 'with its length'
  onLinux(`as a request body ${how}, which the handler reads`, async () => {
    const { path } = await gateway.serve(
      `export default async (request) => {
      let bytes = 0
      for await (const piece of request.body) bytes += piece.length
      return new Response(String(bytes))
    }`,
      LIMITS,
    )
    const { status, text } = await flat(`body ${how}`, { path, up: GIB, chunked })
    assert.equal([status, text], [200, String(GIB)])
  })
}

onDuplex('in both directions at once', async () => {
  const { path } = await gateway.serve('export default (request) => new Response(request.body)', LIMITS)
  const { status, bytes, intact } = await flat('both ways', { path, up: GIB })
  assert.equal([status, bytes, intact], [200, GIB, true])
})

onLinux('from another server, fetched by the function', async () => {
  const origin = await gateway.serve(
    `${GENERATE}
    export default () => new Response(generate(${GIB}))`,
    LIMITS,
  )
  const { path } = await gateway.serve(
    `export default async () => {
    const { status, body } = await fetch('${gateway.origin}/api/${origin.path}')
    return new Response(body, { status })
  }`,
    LIMITS,
  )
  const { status, bytes, intact } = await flat('fetched', { path })
  assert.equal([status, bytes, intact], [200, GIB, true])
})

test.run()
