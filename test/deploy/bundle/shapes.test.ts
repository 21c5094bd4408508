// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BundlerFixture, evaluate, libraryOf, text } from './support.ts'

const test = suite('what a guest receives for each way of writing a callback')
const fixture = new BundlerFixture()
test.after(() => fixture[Symbol.asyncDispose]())

type Handler = (...args: unknown[]) => unknown

test('an ES module: exports are properties of the namespace', async () => {
  const callback = await fixture.load('export default { fetch: () => 1 }; export const handler = () => 2')
  assert.is((callback.default as { fetch: Handler }).fetch(), 1)
  assert.is((callback.handler as Handler)(), 2)
})

test('a default function', async () => {
  const callback = await fixture.load('export default function hello(request) { return request + 1 }')
  assert.is((callback.default as Handler)(1), 2)
  assert.is((callback.default as Handler).name, 'hello')
})

test('CommonJS: exports.x', async () => {
  const callback = await fixture.load('exports.lambda_handler = async (event) => event.a')
  assert.is(await (callback.lambda_handler as Handler)({ a: 7 }), 7)
  assert.type((callback.default as Record<string, unknown>).lambda_handler, 'function')
})

test('CommonJS: module.exports of an object and of a function', async () => {
  const object = await fixture.load('module.exports = { handler: () => 3 }')
  assert.is((object.handler as Handler)(), 3)
  const fn = await fixture.load('module.exports = () => 4')
  assert.is((fn.default as Handler)(), 4)
})

test('import beside module.exports', async () => {
  const callback = await fixture.load(
    "import path from 'node:path'; module.exports = { handler: () => path.sep }",
  )
  assert.is((callback.handler as Handler)(), '/')
})

test('TypeScript: types, enums, satisfies, parameter properties, generic arrows', async () => {
  const callback = await fixture.load(`
    interface Event { readonly name?: string }
    enum Colour { Red = 1 }
    class Point { constructor(public x: number) {} }
    const identity = <T>(value: T): T => value
    export const handler = (event: Event) => [identity(event.name!), Colour.Red, new Point(3).x] satisfies unknown[]`)
  assert.equal((callback.handler as Handler)({ name: 'ada' }), ['ada', 1, 3])
})

test('JSX goes to the library the pragma names, and to react without one', async () => {
  await using library = await libraryOf({
    'react/package.json': '{"name":"react","exports":{"./jsx-runtime":"./jsx-runtime.js"}}',
    'react/jsx-runtime.js':
      'export const jsx = (type, props) => ["react", type, props]; export const jsxs = jsx',
    'tiny/package.json': '{"name":"tiny","exports":{"./jsx-runtime":"./jsx-runtime.js"}}',
    'tiny/jsx-runtime.js':
      'export const jsx = (type, props) => ["tiny", type, props]; export const jsxs = jsx',
  })
  const code = 'export const handler = (name: string) => <b class="x">{name}</b>'
  const react = await fixture.load(code, { libraryDir: library.dir })
  assert.equal((react.handler as Handler)('ada'), ['react', 'b', { class: 'x', children: 'ada' }])
  const tiny = await fixture.load(`/** @jsxImportSource tiny */\n${code}`, { libraryDir: library.dir })
  assert.is(((tiny.handler as Handler)('ada') as string[])[0], 'tiny')
})

test('top-level await', async () => {
  const callback = await fixture.load('const value = await Promise.resolve(5); export default () => value')
  assert.is((callback.default as Handler)(), 5)
})

test('decorators and using, which not every engine has', async () => {
  const callback = await fixture.load(`
    const seen = []
    const traced = (method, { name }) => function (...args) { seen.push(name); return method.apply(this, args) }
    class Service { @traced hello() { return seen } }
    export const handler = () => { using _ = { [Symbol.dispose]() { seen.push('disposed') } }; return new Service().hello() }`)
  assert.equal((callback.handler as Handler)(), ['hello', 'disposed'])
})

test('packages: ES module, CommonJS, JSON, text, and import() of one', async () => {
  await using library = await libraryOf({
    'esm/package.json': '{"name":"esm","type":"module","exports":"./index.js"}',
    'esm/index.js': 'export const esm = 1',
    'cjs/package.json': '{"name":"cjs","main":"main.js"}',
    'cjs/main.js': 'module.exports = function () { return 2 }; module.exports.extra = 3',
    'data/package.json': '{"name":"data","version":"4.0.0"}',
    'data/page.html': '<p>5</p>',
  })
  const callback = await fixture.load(
    `import { esm } from 'esm'; import cjs, { extra } from 'cjs'
     import { version } from 'data/package.json'; import page from 'data/page.html'
     export default async () => [esm, cjs(), extra, version, page, (await import('esm')).esm]`,
    { libraryDir: library.dir },
  )
  assert.equal(await (callback.default as () => Promise<unknown>)(), [1, 2, 3, '4.0.0', '<p>5</p>', 1])
})

test('packages give their builds for edge runtimes, workers and browsers', async () => {
  await using library = await libraryOf({
    'both/package.json':
      '{"name":"both","exports":{".":{"workerd":"./w.js","worker":"./worker.js","browser":"./b.js","node":"./n.js","default":"./n.js"}}}',
    'both/w.js': 'export default "workerd"',
    'work/package.json':
      '{"name":"work","exports":{"node":"./n.js","worker":"./worker.js","default":"./n.js"}}',
    'work/worker.js': 'export default "worker"',
    'old/package.json': '{"name":"old","main":"node.js","browser":{"./node.js":"./browser.js","fs":false}}',
    'old/node.js': 'module.exports = "node"',
    'old/browser.js': 'const fs = require("fs"); module.exports = "browser " + Object.keys(fs).length',
  })
  const code =
    "import both from 'both'; import work from 'work'; import old from 'old'; export default [both, work, old]"
  const callback = await fixture.load(code, { libraryDir: library.dir })
  assert.equal(callback.default, ['workerd', 'worker', 'browser 0'])
})

test('node-fetch is the fetch of the guest, and stays itself on a whole Node', async () => {
  await using library = await libraryOf({
    'node-fetch/package.json': '{"name":"node-fetch","main":"index.js"}',
    'node-fetch/index.js': 'require("http"); module.exports = { real: true }',
    'client/package.json': '{"name":"client","main":"index.js"}',
    'client/index.js':
      'const fetch = require("node-fetch"); module.exports = [typeof fetch, typeof fetch.Headers]',
  })
  const code =
    "import fetch, { Headers } from 'node-fetch'; import seen from 'client'; export default [typeof fetch, Headers === globalThis.Headers, seen]"
  const edge = await fixture.load(code, { libraryDir: library.dir })
  assert.equal(edge.default, ['function', true, ['function', 'function']])
  const whole = await fixture.main("import f from 'node-fetch'; export default f", {
    libraryDir: library.dir,
    polyfillNode: false,
  })
  assert.match(whole, 'real:true')
  assert.is((await fixture.failure(code)).code, 'unresolved_import')
})

test('a hello is tiny, has one export and no import', async () => {
  const main = await fixture.main('export default { fetch: () => new Response("hello") }')
  assert.ok(main.length < 400, `it has ${main.length} characters`)
  assert.match(main, /export\{\w+ as callback\};\s*$/)
  assert.not.match(main, /\bimport\b/)
})

test('where Node is whole its modules stay outside, with their prefix', async () => {
  const code =
    "import { sep } from 'path'; const os = require('os'); exports.handler = () => [sep, typeof os.cpus]"
  const main = await fixture.main(code, { polyfillNode: false })
  assert.match(main, /from"node:path"/)
  assert.match(main, /from"node:os"/)
  const callback = await evaluate(main)
  assert.equal((callback.handler as Handler)(), ['/', 'function'])
})

test('NODE_ENV is production unless the author sets it; other variables are read while running', async () => {
  const code = 'export default () => [process.env.NODE_ENV, process.env.HOME_TOWN]'
  assert.match(await fixture.main(code), '["production",globalThis.process.env.HOME_TOWN]')
  assert.match(await fixture.main(code, { env: { NODE_ENV: 'test' } }), '["test",')
})

test('packages leave their development code out', async () => {
  await using library = await libraryOf({
    'modes/package.json': '{"name":"modes","main":"index.js"}',
    'modes/index.js':
      'if (process.env.NODE_ENV !== "production") { module.exports = require("./dev.js") } else { module.exports = require("./prod.js") }',
    'modes/dev.js': 'module.exports = "development build"',
    'modes/prod.js': 'module.exports = "production build"',
  })
  const main = await fixture.main("import m from 'modes'; export default m", { libraryDir: library.dir })
  assert.match(main, 'production build')
  assert.not.match(main, 'development build')
})

test('names stay: of functions, classes and expressions', async () => {
  const callback = await fixture.load(
    'export default [class Named {}, function inner() {}, () => {}].map((f) => f.name)',
  )
  assert.equal(callback.default, ['Named', 'inner', ''])
})

test('the artifact: same input, same digest; the lock is part of it; the map tells nothing of the disk', async () => {
  const code = 'export default () => 1'
  const [first, second] = [await fixture.bundle(code), await fixture.bundle(code)]
  assert.is(first.digest, second.digest)
  assert.match(first.digest, /^[0-9a-f]{64}$/)
  const locked = await fixture.bundle(code, { lock: '{"lockfileVersion":3}' })
  assert.is(text(locked, 'package-lock.json'), '{"lockfileVersion":3}')
  assert.is.not(locked.digest, first.digest)
  const map = JSON.parse(text(await fixture.bundle('import "events"; console.log(Buffer)'), 'main.js.map'))
  assert.is(
    map.sources.filter((source: string) => /^\/|\.\.|work|src/.test(source)).length,
    0,
    map.sources.join(),
  )
  const own = map.sources.indexOf('callback.ts')
  assert.match(map.sourcesContent[own], /console\.log\(Buffer\)/)
  assert.is(map.sourcesContent.filter((content: unknown) => content !== null).length, 1)
})

test('an aborted bundle rejects with the reason', async () => {
  const controller = new AbortController()
  controller.abort(new Error('enough'))
  try {
    await fixture.bundle('export default 1', { signal: controller.signal })
    assert.unreachable()
  } catch (error) {
    assert.is((error as Error).message, 'enough')
  }
})

test.run()
