// @slow
import { suite } from 'uvu'
import { sameAsNode } from './compare.ts'

const test = suite('the same as in Node: buffer and events')

sameAsNode(
  test,
  `import { Buffer, isUtf8, isAscii, transcode, constants, File, Blob } from 'node:buffer'; import EventEmitter, { once, on, listenerCount, getEventListeners, errorMonitor } from 'node:events'`,
  {
    'encodings both ways': `return ['utf8', 'utf16le', 'latin1', 'ascii', 'hex', 'base64', 'base64url', 'binary', 'ucs2'].map((e) => [Buffer.from('68c3a9', e).toString('hex'), Buffer.from('héllo €😀').toString(e), Buffer.byteLength('héé', e)])`,
    'odd input of encodings': `return [Buffer.from('abc', 'hex'), Buffer.from('zz11', 'hex'), Buffer.from('YQ', 'base64'), Buffer.from('Y Q=\\n=', 'base64'), Buffer.from('_-8', 'base64url'), Buffer.from('-_8=', 'base64'), Buffer.from('\\ud800x')].map((b) => b.toString('hex'))`,
    from: `return [Buffer.from([1, 256, -1, 1.9, 'x']), Buffer.from(new Uint16Array([1, 257])), Buffer.from(new Uint8Array([1, 2, 3]).buffer, 1, 1), Buffer.from(Buffer.from('x')), Buffer.from({ type: 'Buffer', data: [5] }), Buffer.from(new String('s')), Buffer.of(1, 2)].map((b) => [...b])`,
    'from shares memory with an ArrayBuffer': `const a = new ArrayBuffer(2); const b = Buffer.from(a); new Uint8Array(a)[0] = 7; return [b[0], b.buffer === a]`,
    'from nothing': `try { Buffer.from(undefined) } catch (error) { return error.name }`,
    'from a number': `try { Buffer.from(5) } catch (error) { return error.name }`,
    'alloc and fill': `return [Buffer.alloc(3), Buffer.alloc(5, 'ab'), Buffer.alloc(4, 1), Buffer.alloc(4).fill('xyz', 1, 3), Buffer.alloc(3, '0102', 'hex')].map((b) => [...b])`,
    'alloc of less than nothing': `try { Buffer.alloc(-1) } catch (error) { return error.name }`,
    'compare, equals, indexOf': `const b = Buffer.from('hello hello'); return [Buffer.compare(Buffer.from('a'), Buffer.from('b')), b.equals(Buffer.from('hello hello')), b.indexOf('lo'), b.indexOf('lo', 5), b.lastIndexOf('hell'), b.includes('xx'), b.indexOf(0x6f), b.indexOf(Buffer.from('l')), b.indexOf(''), b.compare(Buffer.from('hell'), 0, 4, 0, 4)]`,
    'concat and copy': `const t = Buffer.alloc(4); const n = Buffer.from('abcdef').copy(t, 1, 2, 9); return [[...Buffer.concat([Buffer.from('a'), new Uint8Array([1])], 3)], n, [...t]]`,
    'slice shares memory': `const b = Buffer.from([1, 2, 3]); const s = b.slice(1); s[0] = 9; const u = b.subarray(-1); return [[...b], [...u], s instanceof Buffer, b.toString('hex', 1, 2)]`,
    numbers: `const b = Buffer.alloc(48); b.writeUInt8(255, 0); b.writeInt16BE(-2, 1); b.writeUInt32LE(4e9, 3); b.writeDoubleBE(1.5, 7); b.writeFloatLE(-0.5, 15); b.writeBigInt64LE(-5n, 19); b.writeUIntBE(0x123456789a, 27, 5); b.writeIntLE(-300, 32, 3); b.writeBigUInt64BE(2n ** 63n, 35); return [b.toString('hex'), b.readInt16BE(1), b.readUInt32LE(3), b.readDoubleBE(7), b.readFloatLE(15), String(b.readBigInt64LE(19)), b.readUIntBE(27, 5), b.readIntLE(32, 3), b.readInt8(0), b.readUint8(0)]`,
    'a number that does not fit': `try { Buffer.alloc(1).writeUInt8(256) } catch (error) { return error.name }`,
    'a read past the end': `try { Buffer.alloc(2).readUInt32LE(0) } catch (error) { return error.name }`,
    write: `const b = Buffer.alloc(6); return [b.write('é€', 1), b.write('ff', 0, 'hex'), b.write('abc', 4), [...b]]`,
    swap: `return [Buffer.from([1, 2, 3, 4]).swap16(), Buffer.from([1, 2, 3, 4]).swap32(), Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]).swap64()].map((b) => [...b])`,
    toJSON: `return [JSON.stringify(Buffer.from('a')), Buffer.from('é').toJSON()]`,
    iteration: `const b = Buffer.from('ab'); return [[...b.entries()], [...b.keys()], [...b.values()], b.map((x) => x + 1) instanceof Buffer, b.filter(Boolean).length]`,
    'isBuffer and isEncoding': `return [Buffer.isBuffer(new Uint8Array(1)), Buffer.isBuffer(Buffer.alloc(1)), ['utf8', 'UTF-8', 'hex', 'base64url', 'x', '', 5].map(Buffer.isEncoding)]`,
    'an unknown encoding': `try { Buffer.from('x', 'nope') } catch (error) { return error.name }`,
    'isUtf8, isAscii, transcode, constants': `return [isUtf8(Buffer.from([0xff])), isUtf8(Buffer.from('é')), isAscii(Buffer.from('é')), transcode(Buffer.from('é'), 'utf8', 'latin1').toString('hex'), constants.MAX_STRING_LENGTH, new File(['ab'], 'n').size, await new Blob(['x']).text()]`,
    'inspect by text': `return [String(Buffer.from('é')), Buffer.from('ab') + '', Buffer.from('x').toLocaleString()]`,
    'Buffer.copyBytesFrom': `return [...Buffer.copyBytesFrom(new Uint16Array([1, 2]), 1)]`,
    'poolSize and parent': `return [typeof Buffer.poolSize, Buffer.alloc(2).offset]`,
    'emit, on, once, off': `const e = new EventEmitter(); const seen = []; const f = (...a) => seen.push(a); e.on('a', f); e.once('a', () => seen.push('once')); e.prependListener('a', () => seen.push('first')); return [e.emit('a', 1, 2), e.emit('a'), e.off('a', f).emit('a'), e.emit('none'), seen, e.listenerCount('a'), e.eventNames()]`,
    'listeners and rawListeners': `const e = new EventEmitter(); const f = () => {}; e.once('x', f); return [e.listeners('x')[0] === f, e.rawListeners('x')[0] === f, e.rawListeners('x')[0].listener === f, listenerCount(e, 'x'), getEventListeners(e, 'x').length]`,
    'an error without a listener': `new EventEmitter().emit('error', new RangeError('mine'))`,
    'an error that is none': `new EventEmitter().emit('error', 'text')`,
    errorMonitor: `const e = new EventEmitter(); const seen = []; e.on(errorMonitor, (x) => seen.push(x.message)); try { e.emit('error', new Error('m')) } catch (x) { seen.push('thrown') } return seen`,
    'newListener and removeListener': `const e = new EventEmitter(); const seen = []; e.on('newListener', (n) => seen.push('+' + n)); e.on('removeListener', (n) => seen.push('-' + n)); const f = () => {}; e.on('a', f); e.removeListener('a', f); e.once('b', f); e.removeAllListeners('b'); return seen`,
    'a listener that is no function': `new EventEmitter().on('a', 5)`,
    'removal while emitting': `const e = new EventEmitter(); const seen = []; const b = () => seen.push('b'); e.on('x', () => { seen.push('a'); e.off('x', b) }); e.on('x', b); e.emit('x'); e.emit('x'); return seen`,
    'once as a promise': `const e = new EventEmitter(); setTimeout(() => e.emit('go', 1, 2)); const first = await once(e, 'go'); setTimeout(() => e.emit('error', new Error('bad'))); return [first, await once(e, 'go').catch((x) => x.message)]`,
    'once of an event target, and aborted': `const t = new EventTarget(); setTimeout(() => t.dispatchEvent(new Event('x'))); const [event] = await once(t, 'x'); return [event.type, await once(new EventEmitter(), 'y', { signal: AbortSignal.abort() }).catch((e) => [e.name, e.code])]`,
    'on as an iterator': `const e = new EventEmitter(); setTimeout(() => { e.emit('v', 1); e.emit('v', 2); e.emit('end') }); const seen = []; for await (const [v] of on(e, 'v', { close: ['end'] })) seen.push(v); return seen`,
    captureRejections: `const e = new EventEmitter({ captureRejections: true }); e.on('a', async () => { throw new Error('late') }); const failed = once(e, 'error'); e.emit('a'); return failed.then(() => 'event', (x) => x.message)`,
    limits: `const e = new EventEmitter(); return [EventEmitter.defaultMaxListeners, e.getMaxListeners(), e.setMaxListeners(3).getMaxListeners()]`,
    'inheritance in the old way': `function Old() { EventEmitter.call(this) } Object.setPrototypeOf(Old.prototype, EventEmitter.prototype); const o = new Old(); let n = 0; o.on('x', function () { n += this === o ? 1 : 0 }); o.emit('x'); return [n, EventEmitter.EventEmitter === EventEmitter, typeof EventEmitter.once]`,
  },
)

test.run()
