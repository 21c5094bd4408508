// @node
// @timeout 60
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startNode } from './node-guest.ts'

const test = suite('packages and programs that a function on a whole Node uses')

const OWN = fileURLToPath(new URL('../../../node_modules', import.meta.url))

/** A folder with made-up packages: file texts by path. */
function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'node-guest-'))
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, 'node_modules', name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return folder
}

test('packages resolve as Node resolves them: by import, by require, lazily, with their own packages', async () => {
  const folder = folderOf({
    'dual/package.json':
      '{"name":"dual","exports":{".":{"import":"./i.mjs","require":"./r.cjs"},"./deep":"./deep.mjs"}}',
    'dual/i.mjs': 'import inner from "inner"; export const how = "import " + inner',
    'dual/r.cjs':
      'exports.how = "require " + require("inner") + " " + typeof module + " " + (__dirname.endsWith("dual"))',
    'dual/deep.mjs': 'export default new URL(".", import.meta.url).pathname.endsWith("/dual/")',
    'inner/index.js': 'module.exports = "inner"',
  })
  await using guest = await startNode(
    `import { how } from 'dual'
    import { createRequire } from 'node:module'
    export const handler = async () => [how, createRequire(import.meta.url)('dual').how, (await import('dual/deep')).default]`,
    { folder, library: ['dual'] },
  )
  assert.equal(await guest.json(), ['import inner', 'require inner object true', true])
  await using cjs = await startNode("const { how } = require('dual'); exports.handler = () => how", {
    folder: folderOf({ 'dual/index.js': 'exports.how = "plain"' }),
    library: ['dual'],
  })
  assert.is(await cjs.json(), 'plain')
})

test('native addons are loaded, child processes of packages run', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'node-guest-'))
  symlinkSync(OWN, path.join(folder, 'node_modules'))
  await using guest = await startNode(
    `import Database from 'libsql'
    import { transform } from 'esbuild'
    export const handler = async () => {
      const db = new Database(':memory:')
      const { code } = await transform('let a: number = 1', { loader: 'ts' })
      return [db.prepare('select 6 * 7 as answer').get().answer, code]
    }`,
    { folder, library: ['libsql', 'esbuild'] },
  )
  assert.equal(await guest.json(), [42, 'let a = 1;\n'])
})

test('a package that is not there fails the start with a sentence about the library', async () => {
  await using guest = await startNode("import gone from 'gone'; export const handler = () => gone", {
    library: ['gone'],
  })
  assert.is(guest.startFailed?.kind, 'threw')
  assert.is(
    guest.startFailed?.message,
    'Cannot resolve "gone": the callback has no `library`; add "gone" to the dependencies of `library`',
  )
  assert.not.match(guest.startFailed!.stack, 'imported from')
})

test('a name that a package does not export is told without the whole bundle', async () => {
  const folder = folderOf({
    'few/package.json': '{"name":"few","type":"module","main":"i.js"}',
    'few/i.js': 'export const a = 1',
  })
  await using guest = await startNode(
    `import { b } from 'few'; const secret = 'a long text'; export const handler = () => [b, secret]`,
    { folder, library: ['few'] },
  )
  assert.match(guest.startFailed!.message, /does not provide an export named 'b'/)
  assert.match(guest.startFailed!.stack, /^SyntaxError: /)
  assert.not.match(guest.startFailed!.stack, 'a long text')
})

test('worker threads and forks of the function’s own file, and files that it writes', async () => {
  await using guest = await startNode(`
    import { Worker, isMainThread, parentPort } from 'node:worker_threads'
    import { fork, execFile } from 'node:child_process'
    import { promisify } from 'node:util'
    import { writeFile } from 'node:fs/promises'
    import * as os from 'node:os'
    if (!isMainThread) { console.log('in a thread'); parentPort.postMessage('thread') }
    if (process.env.FORKED) { process.send('fork'); process.disconnect() }
    export const handler = async () => {
      const worker = new Worker(import.meta.filename)
      // At once: a thread that has ended before this one looks tells both in one turn.
      const [thread] = await Promise.all(
        ['message', 'exit'].map((event) => new Promise((resolve) => worker.once(event, resolve))),
      )
      const child = fork(import.meta.filename, { env: { ...process.env, FORKED: '1' } })
      const forked = await new Promise((resolve) => child.once('message', resolve))
      await writeFile(os.tmpdir() + '/own.txt', 'written')
      const { stdout } = await promisify(execFile)('cat', [os.tmpdir() + '/own.txt'])
      return [thread, forked, stdout]
    }`)
  assert.equal(await guest.json(), ['thread', 'fork', 'written'])
  assert.ok(guest.logs.some((line) => line.m === 'in a thread'))
})

test('TCP servers and clients, DNS, TLS settings: the network is the container’s own', async () => {
  await using guest = await startNode(`
    import net from 'node:net'
    import tls from 'node:tls'
    import { lookup } from 'node:dns/promises'
    export const handler = async () => {
      const server = net.createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      let text = ''
      for await (const piece of net.connect(server.address().port, '127.0.0.1')) text += piece
      server.close()
      return [text, (await lookup('127.0.0.1')).address, tls.rootCertificates.length > 10]
    }`)
  assert.equal(await guest.json(), ['hello', '127.0.0.1', true])
})

test.run()
