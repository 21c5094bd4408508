// @slow
import { suite } from 'uvu'
import { sameAsNode } from './compare.ts'

const test = suite('the same as in Node: streams and timers')

sameAsNode(
  test,
  `import stream, { Readable, Writable, Transform, Duplex, PassThrough, finished, compose, addAbortSignal } from 'node:stream'; import { pipeline, finished as ended } from 'node:stream/promises'; import * as consumers from 'node:stream/consumers'; import { setTimeout as sleep, setImmediate as soon } from 'node:timers/promises'; import { EventEmitter } from 'node:events'`,
  {
    'a pipeline with generators': `const out = []; await pipeline(Readable.from(['a', 'b', 'c']), async function* (source) { for await (const x of source) yield x.toUpperCase() }, new Writable({ objectMode: true, write(c, _, done) { out.push(c); done() } })); return out`,
    'a transform': `const t = new Transform({ transform(c, _, done) { done(null, String(c).split('').reverse().join('')) }, flush(done) { this.push('!'); done() } }); const all = consumers.text(t); t.write('abc'); t.end('de'); return all`,
    'an error in a pipeline': `const seen = []; const source = new Readable({ read() {} , destroy(e, done) { seen.push(e?.message ?? null); done(e) } }); await pipeline(source, async function (s) { throw new Error('sink') }).catch((e) => seen.push('rejected ' + e.message)); return [seen, source.destroyed]`,
    'a premature close': `const r = new Readable({ read() {} }); setTimeout(() => r.destroy()); return ended(r).catch((e) => [e.name, e.code, e.message])`,
    backpressure: `const w = new Writable({ highWaterMark: 3, write(c, _, done) { setTimeout(done, 1) } }); const seen = [w.write('ab'), w.write('cd'), w.writableNeedDrain, w.writableLength]; await new Promise((r) => w.once('drain', r)); return [...seen, w.writableLength]`,
    'reading by hand': `const r = new Readable({ read() {} }); r.push('hello'); r.push('world'); r.push(null); await soon(); return [String(r.read(3)), String(r.read(7)), r.read(), r.readableEnded]`,
    'unshift and setEncoding': `const r = Readable.from([Buffer.from([0xe2, 0x82]), Buffer.from([0xac])], { objectMode: false }); r.setEncoding('utf8'); const out = []; for await (const c of r) out.push(c); return out.join('')`,
    'object mode': `const r = Readable.from([{ a: 1 }, null === undefined, 'x']); return r.toArray()`,
    operators: `return [await Readable.from([1, 2, 3, 4]).filter((x) => x % 2).map((x) => x * 10).toArray(), await Readable.from([1, 2, 3]).reduce((a, b) => a + b, 0), await Readable.from([1, 2, 3]).take(2).toArray(), await Readable.from([1, 2]).flatMap((x) => [x, x]).toArray(), await Readable.from([1, 2, 3]).some((x) => x > 2), await Readable.from([1, 2, 3]).drop(1).toArray()]`,
    'destroy with an error': `const r = Readable.from(['a']); const seen = []; r.on('error', (e) => seen.push(e.message)).on('close', () => seen.push('close')); r.destroy(new Error('x')); await sleep(5); return [seen, r.destroyed, r.errored?.message]`,
    'write after end': `const w = new Writable({ write(c, e, d) { d() } }); const errors = []; w.on('error', (e) => errors.push(e.code)); w.end(); w.write('x'); await sleep(5); return errors`,
    cork: `const seen = []; const w = new Writable({ writev(chunks, done) { seen.push(chunks.map((c) => String(c.chunk))); done() } }); w.cork(); w.write('a'); w.write('b'); w.uncork(); await sleep(5); return seen`,
    finished: `const p = new PassThrough(); const seen = []; finished(p, (e) => seen.push(e ? e.code : 'ok')); p.resume(); p.end('x'); await sleep(10); return seen`,
    'pipe and unpipe': `const r = new PassThrough(); const a = new PassThrough(); r.pipe(a); r.write('1'); await sleep(2); r.unpipe(a); a.end(); return consumers.text(a)`,
    compose: `const up = new Transform({ objectMode: true, transform(c, _, d) { d(null, String(c).toUpperCase()) } }); const both = compose(up, async function* (s) { for await (const c of s) yield c + '!' }); both.end('hey'); return (await both.toArray()).map(String)`,
    abort: `const c = new AbortController(); const r = addAbortSignal(c.signal, new Readable({ read() {} })); setTimeout(() => c.abort()); return ended(r).catch((e) => [e.name, e.code])`,
    'a pipeline with a signal': `const c = new AbortController(); setTimeout(() => c.abort(), 2); return pipeline(new Readable({ read() {} }), new PassThrough(), { signal: c.signal }).catch((e) => e.name)`,
    'Duplex.from': `const d = Duplex.from(async function* (source) { for await (const c of source) yield String(c) + '.' }); d.end('a'); return consumers.text(d)`,
    'events in order': `const seen = []; const p = new PassThrough(); for (const name of ['pipe', 'prefinish', 'finish', 'end', 'close', 'readable', 'resume']) p.on(name, () => seen.push(name)); p.end('x'); p.resume(); await sleep(10); return seen`,
    consumers: `const make = () => Readable.from([Buffer.from('{"a":'), Buffer.from('1}')]); return [await consumers.json(make()), await consumers.text(make()), (await consumers.buffer(make())).length, (await consumers.arrayBuffer(make())).byteLength, (await consumers.blob(make())).size]`,
    'from a web stream and back': `const web = new ReadableStream({ start(c) { c.enqueue('a'); c.enqueue('b'); c.close() } }); const node = Readable.fromWeb(web, { encoding: 'utf8' }); const again = Readable.toWeb(node); const out = []; for await (const c of again) out.push(typeof c === 'string' ? c : Buffer.from(c).toString()); return out.join('')`,
    'toWeb gives bytes, and heeds its reader': `let pushed = 0; const r = new Readable({ highWaterMark: 10, read() { this.push(pushed++ < 50 ? Buffer.alloc(10) : null) } }); const reader = Readable.toWeb(r).getReader(); const { value } = await reader.read(); await sleep(10); const early = pushed < 30; await reader.cancel(); return [value instanceof Uint8Array, value instanceof Buffer, early, r.destroyed]`,
    'a web stream that fails': `const node = Readable.fromWeb(new ReadableStream({ pull(c) { c.error(new Error('web')) } })); return node.toArray().catch((e) => e.message)`,
    'to a web writable': `const got = []; const node = Writable.fromWeb(new WritableStream({ write(c) { got.push(Buffer.from(c).toString()) }, close() { got.push('closed') } })); node.write('a'); node.end('b'); await ended(node); return got`,
    'a writable as a web stream': `const got = []; const web = Writable.toWeb(new Writable({ write(c, _, done) { got.push(String(c)); done() }, final(done) { got.push('final'); done() } })); const writer = web.getWriter(); await writer.write('x'); await writer.close(); return got`,
    'a web transform as a duplex': `const up = new TransformStream({ transform(c, k) { k.enqueue(Buffer.from(String.fromCharCode(...c).toUpperCase())) } }); const d = Duplex.fromWeb(up); d.end('abc'); return consumers.text(d)`,
    'the old streams': `return [stream === stream.Stream, new Readable() instanceof stream, new Readable() instanceof EventEmitter, new PassThrough() instanceof Writable, new Duplex() instanceof Readable, stream.promises.pipeline === pipeline]`,
    'a wrong chunk': `try { new Writable({ write() {} }).write(5) } catch (error) { return [error.name, error.code] }`,
    'nothing to write': `new Writable({ write() {} }).write(null)`,
    'timers in order': `const seen = []; setTimeout(() => seen.push('timeout')); setImmediate(() => seen.push('immediate')); process.nextTick(() => seen.push('tick')); queueMicrotask(() => seen.push('microtask')); await sleep(20); return [seen.slice(0, 2).sort(), seen.length]`,
    'timers as promises': `return [await sleep(1, 'v'), await soon('w'), await sleep(1000, 0, { signal: AbortSignal.abort() }).catch((e) => [e.name, e.code])]`,
  },
)

test.run()
