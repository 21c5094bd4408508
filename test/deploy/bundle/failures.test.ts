// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BundlerFixture, libraryOf } from './support.ts'

const test = suite('a bundle that fails says why, and where in the author’s source')
const fixture = new BundlerFixture()
test.after(() => fixture[Symbol.asyncDispose]())

interface Case {
  readonly what: string
  readonly code: string
  readonly error: { code: string; line: number; column: number; message: RegExp }
}

const CASES: readonly Case[] = [
  {
    what: 'a syntax error',
    code: 'export default () => {\n  const y = ;\n}',
    error: { code: 'syntax_error', line: 2, column: 13, message: /^Unexpected ";"$/ },
  },
  {
    what: 'a syntax error behind letters of several bytes',
    code: 'const é = "ß€😀", z = ;',
    error: { code: 'syntax_error', line: 1, column: 23, message: /^Unexpected ";"$/ },
  },
  {
    what: 'a syntax error in code that only TypeScript without JSX can read so far',
    code: 'const f = <T>(x: T) => x\nexport default f(\n',
    error: { code: 'syntax_error', line: 3, column: 1, message: /^Unexpected end of file$/ },
  },
  {
    what: 'an unclosed element',
    code: 'export default () => <b>x</i>',
    error: { code: 'syntax_error', line: 1, column: 28, message: /closing "i" tag does not match/ },
  },
  {
    what: 'a package without a library',
    code: "\nimport zod from 'zod/v4'\nexport default zod",
    error: {
      code: 'unresolved_import',
      line: 2,
      column: 17,
      message:
        /^Cannot resolve "zod\/v4": the callback has no `library`; add "zod" to the dependencies of `library`$/,
    },
  },
  {
    what: 'a scoped package that is required',
    code: "const x = require('@scope/name/deep')\nexports.handler = x",
    error: { code: 'unresolved_import', line: 1, column: 19, message: /add "@scope\/name" to/ },
  },
  {
    what: 'a package that is imported while running',
    code: "export default () => import('later')",
    error: { code: 'unresolved_import', line: 1, column: 29, message: /"later"/ },
  },
  {
    what: 'another file',
    code: "import { helper } from './helper.ts'\nexport default helper",
    error: { code: 'local_import', line: 1, column: 24, message: /a callback is one file/ },
  },
  {
    what: 'a file by its whole path',
    code: "import passwd from '/etc/passwd'\nexport default passwd",
    error: { code: 'local_import', line: 1, column: 20, message: /"\/etc\/passwd"/ },
  },
  {
    what: 'an address',
    code: "import x from 'https://example.com/x.js'\nexport default x",
    error: { code: 'remote_import', line: 1, column: 15, message: /only packages of `library`/ },
  },
  {
    what: 'a specifier in the manner of Deno',
    code: "import x from 'npm:@hono/zod@1/sub'\nexport default x",
    error: { code: 'remote_import', line: 1, column: 15, message: /add "@hono\/zod" to its dependencies/ },
  },
  {
    what: 'export beside module.exports',
    code: 'export const a = 1\nmodule.exports = { a }',
    error: { code: 'mixed_module_formats', line: 2, column: 1, message: /use one of the two/ },
  },
  {
    what: 'a member that a polyfill does not have, by name',
    code: "import { createCipheriv } from 'crypto'\nexport default createCipheriv",
    error: {
      code: 'builtin_unavailable',
      line: 1,
      column: 10,
      message: /"createCipheriv" of "node:crypto".*c_type docker/,
    },
  },
  {
    what: 'a member that a polyfill does not have, of the namespace',
    code: "import * as crypto from 'node:crypto'\nexport default () => crypto.scryptSync('a', 'b', 1)",
    error: { code: 'builtin_unavailable', line: 2, column: 29, message: /"scryptSync" of "node:crypto"/ },
  },
  {
    what: 'a member that a polyfill does not have, of the default export',
    code: "import crypto from 'crypto'\nexport default () => crypto.createSign('x')",
    error: { code: 'builtin_unavailable', line: 2, column: 29, message: /"createSign" of "node:crypto"/ },
  },
  {
    what: 'a member that a polyfill does not have, of a required module',
    code: "const c = require('crypto')\nexports.handler = () => c.createSign('x')",
    error: { code: 'builtin_unavailable', line: 2, column: 27, message: /"createSign" of "node:crypto"/ },
  },
  {
    what: 'a member that a polyfill does not have, taken out of a required module',
    code: "const { createHash, createSign } = require('crypto')\nexports.handler = () => createSign(createHash)",
    error: { code: 'builtin_unavailable', line: 1, column: 21, message: /"createSign" of "node:crypto"/ },
  },
  {
    what: 'a member of the global process that is not there',
    code: 'export default () =>\n  process.stdin',
    error: { code: 'builtin_unavailable', line: 2, column: 11, message: /"stdin" of "node:process"/ },
  },
  {
    what: 'AsyncLocalStorage with a top-level await',
    code: "import { AsyncLocalStorage } from 'async_hooks'\nawait 1\nexport default new AsyncLocalStorage()",
    error: { code: 'builtin_unavailable', line: 2, column: 1, message: /top-level `await`/ },
  },
]

for (const { what, code, error } of CASES) {
  test(what, async () => {
    const found = await fixture.failure(code)
    const { line, column } = found
    assert.equal(
      { code: found.code, line, column },
      { code: error.code, line: error.line, column: error.column },
    )
    assert.match(found.message, error.message)
    assert.is(found.file, 'callback.ts')
    assert.is(found.step, 'bundle')
  })
}

const UNAVAILABLE =
  'child_process cluster dgram dns dns/promises domain fs fs/promises http http2 https inspector module net readline ' +
  'repl tls tty v8 vm wasi worker_threads'
for (const name of UNAVAILABLE.split(' ')) {
  for (const specifier of [name, `node:${name}`]) {
    test(`${specifier} is not there in an isolate`, async () => {
      const found = await fixture.failure(
        `'use strict'\nimport * as it from '${specifier}'\nexport default it`,
      )
      assert.is(found.code, 'builtin_unavailable')
      assert.match(found.message, `"${specifier}"`)
      assert.match(found.message, 'c_type docker')
      assert.equal([found.file, found.line, found.column], ['callback.ts', 2, 21])
    })
  }
}

test('node:test and other modules that only exist with the prefix', async () => {
  assert.is((await fixture.failure("import 'node:sqlite'")).code, 'builtin_unavailable')
  assert.is((await fixture.failure("import 'node:no-such-thing'")).code, 'builtin_unavailable')
})

test('a native addon', async () => {
  await using library = await libraryOf({
    'native/package.json': '{"name":"native","main":"index.js"}',
    'native/index.js': 'module.exports = require("./build/it.node")',
    'native/build/it.node': '',
  })
  const found = await fixture.failure("import n from 'native'; export default n", { libraryDir: library.dir })
  assert.is(found.code, 'builtin_unavailable')
  assert.match(found.message, 'native addon')
})

test('an installed package without that module, and one that misses another', async () => {
  await using library = await libraryOf({
    'one/package.json': '{"name":"one","exports":{".":"./index.js"}}',
    'one/index.js': 'import two from "two"; export default two',
  })
  const inner = await fixture.failure("import 'one/inner'", { libraryDir: library.dir })
  assert.match(inner.message, 'package "one" is installed, but it offers no such module')
  const missing = await fixture.failure("import one from 'one'; export default one", {
    libraryDir: library.dir,
  })
  assert.match(missing.message, 'Cannot resolve "two", which package "one" imports')
  assert.is(missing.file, 'node_modules/one/index.js')
})

test('the packages of the gateway itself are out of reach', async () => {
  const dir = new URL('../../../test/deploy/bundle', import.meta.url).pathname
  const found = await fixture.failure("import { Hono } from 'hono'; export default new Hono()", {
    libraryDir: dir,
  })
  assert.is(found.code, 'unresolved_import')
  await using library = await libraryOf({ 'p/package.json': '{}', 'p/index.js': 'module.exports = 1' })
  assert.is((await fixture.failure("import 'hono'", { libraryDir: library.dir })).code, 'unresolved_import')
})

test('what a package requires only if it is there does not fail the build', async () => {
  await using library = await libraryOf({
    'maybe/package.json': '{"name":"maybe","main":"index.js"}',
    'maybe/index.js': 'let x = "none"; try { x = require("optional-speedup") } catch {} module.exports = x',
  })
  const callback = await fixture.load("import maybe from 'maybe'; export default maybe", {
    libraryDir: library.dir,
  })
  assert.is(callback.default, 'none')
})

test('every message goes to the build log', async () => {
  const lines: string[] = []
  await fixture.failure("import 'one'\nimport 'two'", { log: (line) => lines.push(line) })
  assert.is(lines.length, 2)
  assert.match(lines[0]!, /^error: callback\.ts:1:8: Cannot resolve "one"/)
  assert.match(lines[1]!, /^error: callback\.ts:2:8: Cannot resolve "two"/)
})

test('a member that is missing is only looked for in code, and only where it is used', async () => {
  await using library = await libraryOf({
    'signer/package.json': '{"name":"signer","main":"index.js"}',
    'signer/index.js':
      'const c = require("crypto"); module.exports = (s) => (s ? c.createSign(s) : "unsigned")',
  })
  const code = `import sign from 'signer'
    import crypto from 'crypto' // crypto.createSign would need more
    const other = { createSign: () => 'crypto.createSign' }
    export default [sign(), other.createSign(), crypto.createHash('md5').update('').digest('hex').length]`
  const callback = await fixture.load(code, { libraryDir: library.dir })
  assert.equal(callback.default, ['unsigned', 'crypto.createSign', 32])
})

test('a built-in that is imported for its type only is no reason to fail', async () => {
  const callback = await fixture.load("import type { Stats } from 'fs'\nexport default (s: Stats) => s")
  assert.type(callback.default, 'function')
})

test.run()
