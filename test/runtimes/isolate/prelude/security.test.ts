// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { evaluator, SKIP, skipSuite } from './evaluate.ts'

const test = suite('what scripts in an isolate can reach')

/** Walks everything reachable from the global object by properties, prototypes and accessors that stand on objects. */
const WALK = `
  const seen = new Set()
  const found = []
  const queue = [[globalThis, 'globalThis']]
  const isolatedVm = ['Reference', 'ExternalCopy', 'Callback', 'Isolate', 'Context', 'Dereference', 'Lib', 'NativeModule']
  while (queue.length > 0) {
    const [at, path] = queue.pop()
    if (at === null || (typeof at !== 'object' && typeof at !== 'function') || seen.has(at)) continue
    seen.add(at)
    let name = ''
    try { name = at.constructor?.name ?? '' } catch {}
    if (isolatedVm.includes(name)) found.push(path + ' is a ' + name)
    queue.push([Object.getPrototypeOf(at), path + '.__proto__'])
    for (const key of Reflect.ownKeys(at)) {
      const property = Object.getOwnPropertyDescriptor(at, key)
      const here = path + '.' + String(key)
      if (/faas|bridge|isolated/i.test(String(key))) found.push(here)
      if ('value' in property) queue.push([property.value, here])
      else {
        queue.push([property.get, here + '<get>'], [property.set, here + '<set>'])
        if (property.get && path === 'globalThis') { try { queue.push([globalThis[key], here]) } catch {} }
      }
    }
  }
  return { found, objects: seen.size }
`

const ATTACKS: [name: string, source: string, expected: unknown][] = [
  ['the binding is gone', 'return typeof globalThis.__faas_bind + typeof __faas_bind', 'undefinedundefined'],
  [
    'patched prototypes see no function of the host',
    `const seen = new Set()
     const note = (value) => { if (typeof value === 'function') seen.add(value) }
     const { apply, call } = Function.prototype
     const { then } = Promise.prototype
     const { push, map } = Array.prototype
     const { get, set } = Map.prototype
     const spy = (original) => function (...args) { note(this); args.forEach(note); return Reflect.apply(original, this, args) }
     Function.prototype.call = spy(call)
     Function.prototype.apply = spy(apply)
     Promise.prototype.then = spy(then)
     Array.prototype.push = spy(push)
     Array.prototype.map = spy(map)
     Map.prototype.get = spy(get)
     Map.prototype.set = spy(set)
     try {
       console.log('x'); crypto.randomUUID(); crypto.getRandomValues(new Uint8Array(9000)); setTimeout(() => {}, 1)
       await fetch('data:,x'); new URL('http://b\u00fccher.example'); await crypto.subtle.digest('SHA-1', new Uint8Array(1))
     } finally {
       Object.assign(Function.prototype, { call, apply }); Promise.prototype.then = then
       Object.assign(Array.prototype, { push, map }); Object.assign(Map.prototype, { get, set })
     }
     const forged = [7, 0, JSON.stringify([{ r: null, l: 'info', t: 0, m: 'forged' }]), null]
     let hosts = 0
     for (const one of seen) {
       if (!Function.prototype.toString.call(one).includes('native')) continue
       try { if (one('random', 8) instanceof Uint8Array) hosts++ } catch {}
       try { one(forged) } catch {}
     }
     return [seen.size > 3, hosts]`,
    [true, 0],
  ],
  [
    'replaced globals do not reach into the platform',
    `const keep = { JSON: JSON.stringify, Response: globalThis.Response, Headers: globalThis.Headers, queueMicrotask, Date: Date.now }
     JSON.stringify = () => 'forged'; globalThis.Headers = null; globalThis.queueMicrotask = null; Date.now = () => 0
     try { console.log('line'); return [new keep.Response('x').headers.get('content-type'), (await new keep.Response('y').text())] }
     finally { JSON.stringify = keep.JSON; globalThis.Headers = keep.Headers; globalThis.queueMicrotask = keep.queueMicrotask; Date.now = keep.Date }`,
    ['text/plain;charset=UTF-8', 'y'],
  ],
  [
    'errors of the host bring nothing along',
    `const error = await crypto.subtle.digest('NOPE', new Uint8Array(1)).catch((e) => e)
     return [error instanceof DOMException, error.name, /node:|file:|\\/work|bridge\\//.test(error.stack)]`,
    [true, 'NotSupportedError', false],
  ],
  [
    'constructors lead to this realm only',
    "return [fetch.constructor('return this')() === globalThis, crypto.getRandomValues.constructor === Function]",
    [true, true],
  ],
  [
    'there is no way to Node',
    'return [typeof require, typeof process.binding, typeof process.mainModule, typeof module]',
    ['undefined', 'undefined', 'undefined', 'undefined'],
  ],
]

if (SKIP !== null) skipSuite(test, SKIP)
else
  for (const mode of ['snapshot', 'compiled'] as const) {
    test(`no object of the host is reachable, ${mode}`, async () => {
      const { box, run } = await evaluator(mode)
      await using _ = box
      const { found, objects } = (await run(WALK)) as { found: string[]; objects: number }
      assert.equal(found, [])
      assert.ok(objects > 1000, `only ${objects} objects were looked at`)
    })

    test(`attacks, ${mode}`, async () => {
      const { box, run } = await evaluator(mode)
      await using _ = box
      for (const [name, source, expected] of ATTACKS) assert.equal(await run(source), expected, name)
      assert.is(box.logs.filter(({ m }) => m === 'forged').length, 0)
    })

    test(`messages that make no sense do not end the isolate, ${mode}`, async () => {
      const { box, run } = await evaluator(mode)
      await using _ = box
      for (const flat of [
        [16, 2, '{', null],
        [17, 1, 'x', null],
        [67, 99, '', 1],
        [99, 0, '', null],
        ['x', null, null, null],
        [16],
        [19, 1000, '', null],
      ])
        await box.entry.receive.apply(undefined, [flat, false], { arguments: { copy: true } })
      assert.is(await run('return 1'), 1)
    })
  }

test.run()
