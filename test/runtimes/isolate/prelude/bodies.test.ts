// @timeout 60
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TYPE } from '../../../../src/runtime/wire.ts'
import { type Case, checkAll, evaluator, SKIP, skipSuite } from './evaluate.ts'
import { callHead, sandbox } from './harness.ts'

const throwsName = (source: string) => `try { ${source}; return 'nothing' } catch (e) { return e.name }`

const CASES: Case[] = [
  [
    'the media type of a blob is what the header agrees on',
    "const r = new Response('x', { headers: [['content-type', 'Text/Plain;charset=GBK'], ['content-type', 'text/plain;a=B']] }); return (await r.blob()).type",
    'text/plain;a=B;charset=GBK',
  ],
  [
    'a rejection comes before what was queued after it',
    "const log = []; const r = new Response('x'); await r.text(); const p = r.json().catch(() => log.push('rejected')); Promise.resolve().then(() => log.push('next')); await p; await null; return log",
    ['rejected', 'next'],
  ],
  [
    'methods on the wrong object reject',
    'return Response.prototype.text.call({}).then(() => 0, (e) => e.name)',
    'TypeError',
  ],
  [
    'nothing looks for a then on the pieces of a stream',
    `const r = new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('hello')); c.close() } }))
     Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { if ('done' in this || this instanceof Uint8Array) throw new Error('looked'); return undefined } })
     try { return await r.text() } finally { delete Object.prototype.then }`,
    'hello',
  ],
  [
    'a replaced reader changes nothing',
    `const { read } = ReadableStreamDefaultReader.prototype; const { getReader } = ReadableStream.prototype
     ReadableStreamDefaultReader.prototype.read = () => { throw new Error('read') }; ReadableStream.prototype.getReader = () => { throw new Error('getReader') }
     try { return await new Response(new Blob(['a']).stream()).text() } finally { ReadableStreamDefaultReader.prototype.read = read; ReadableStream.prototype.getReader = getReader }`,
    'a',
  ],
  [
    'many pieces that are there at once',
    'const r = new Response(new ReadableStream({ start(c) { for (let i = 0; i < 50000; i++) c.enqueue(new Uint8Array([97])); c.close() } })); return (await r.text()).length',
    50_000,
  ],
  [
    'pieces that are no bytes end the stream',
    "let reason; const r = new Response(new ReadableStream({ start(c) { c.enqueue('text') }, cancel(e) { reason = e.name } })); return [await r.text().catch((e) => e.name), reason]",
    ['TypeError', 'TypeError'],
  ],
  [
    'clones have pieces of their own',
    'const r = new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([1, 2])); c.close() } })); const c = r.clone(); const one = (await r.body.getReader().read()).value; one[0] = 9; return [[...one], [...await c.bytes()]]',
    [
      [9, 2],
      [1, 2],
    ],
  ],
  [
    'a clone of a stream that fails',
    "const r = new Response(new ReadableStream({ start(c) { c.error(new RangeError('x')) } })); const c = r.clone(); return [await r.text().catch((e) => e.name), await c.text().catch((e) => e.name)]",
    ['RangeError', 'RangeError'],
  ],
  [
    'a piece that cannot be cloned fails both',
    'const r = new Response(new ReadableStream({ start(c) { c.enqueue(() => 1) } })); const c = r.clone(); return [await r.body.getReader().read().catch((e) => e.name), await c.body.getReader().read().catch((e) => e.name)]',
    ['DataCloneError', 'DataCloneError'],
  ],
  [
    'both clones canceled',
    "let reason; const r = new Response(new ReadableStream({ cancel(e) { reason = e } })); const c = r.clone(); await Promise.all([r.body.cancel('a'), c.body.cancel('b')]); return reason",
    ['a', 'b'],
  ],
  [
    'one clone read while the other waits',
    'let pulls = 0; const r = new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array([pulls])); if (++pulls === 3) c.close() } })); const c = r.clone(); const a = [...await r.bytes()]; return [a, [...await c.bytes()]]',
    [
      [0, 1, 2],
      [0, 1, 2],
    ],
  ],
  [
    'the stream of a body that was read',
    "const r = new Response('x'); await r.text(); return [r.body.locked, r.bodyUsed]",
    [true, true],
  ],
  [
    'no simple method',
    throwsName("new Request('http://x/', { mode: 'no-cors', method: 'PUT' })"),
    'TypeError',
  ],
  ['only-if-cached', throwsName("new Request('http://x/', { cache: 'only-if-cached' })"), 'TypeError'],
  ['priority', throwsName("new Request('http://x/', { priority: 'urgent' })"), 'TypeError'],
  ['referrer', throwsName("new Request('http://x/', { referrer: 'http://:bad' })"), 'TypeError'],
  [
    'long texts are decoded as short ones are',
    `const parts = ['aé€😀', [0xff], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xef, 0xbb, 0xbf]]
     const bytes = []; let seed = 7
     while (bytes.length < 2_200_000) { seed = (seed * 1103515245 + 12345) & 0x7fffffff; const p = parts[seed % parts.length]; for (const b of typeof p === 'string' ? new TextEncoder().encode(p) : p) bytes.push(b) }
     const all = new Uint8Array(bytes)
     const wrong = []
     for (const size of [4095, 4096, 4097, 262143, 262144, 262145, 524289, all.length]) {
       const part = all.subarray(0, size)
       if (await new Response(part).text() !== new TextDecoder().decode(part)) wrong.push(size)
     }
     const marked = new Uint8Array(10000).fill(97); marked.set([0xef, 0xbb, 0xbf])
     return [wrong, (await new Response(marked).text()).length]`,
    [[], 9997],
  ],
]

for (const mode of ['snapshot', 'compiled'] as const) {
  const test = suite(`bodies in an isolate, ${mode}`)
  if (SKIP !== null) skipSuite(test, SKIP)
  else {
    test('every way to read, and to fail', async () => {
      const { box, run } = await evaluator(mode)
      await using _ = box
      await checkAll(run, CASES)
    })

    test('a body that is here but was not read fails once its fetch is aborted', async () => {
      await using box = await sandbox(
        `export default async () => {
          const outcome = async (read) => {
            const controller = new AbortController()
            const response = await fetch('http://other/', { signal: controller.signal })
            const stream = read === 'stream' ? response.body.getReader() : null
            controller.abort('late')
            const first = await (stream ? stream.read() : response.text()).catch((e) => e)
            return [first, stream ? await stream.closed.catch((e) => e) : await response.json().catch((e) => e)]
          }
          return Response.json([await outcome('text'), await outcome('stream')])
        }`,
        mode,
      )
      const answer = box.call()
      for (const id of [1, 3]) {
        await box.until((message) => message.type === TYPE.CALL && message.id === id)
        const head = JSON.stringify({ status: 200, headers: [], whole: true })
        await box.send(TYPE.ANSWER, id, head, new TextEncoder().encode('{}'))
      }
      assert.equal(JSON.parse((await answer).text), [
        ['late', 'late'],
        ['late', 'late'],
      ])
    })

    test('looking at the stream of a body that is being read does not give it up', async () => {
      await using box = await sandbox(
        'export default async (request) => { const text = request.text(); const { locked } = request.body; return Response.json([await text, locked]) }',
        mode,
      )
      await box.send(TYPE.CALL, 2, callHead({ method: 'POST', whole: false }))
      await box.send(TYPE.DATA, 2, '', new TextEncoder().encode('one '))
      await box.send(TYPE.DATA, 2, '', new TextEncoder().encode('two'))
      await box.send(TYPE.END, 2)
      const { data } = await box.until(({ type }) => type === TYPE.ANSWER)
      assert.is(data, '["one two",true]')
    })
  }
  test.run()
}
