// @timeout 60
import { execFile } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('TLS of what functions fetch')
const run = promisify(execFile)
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

async function results(authority: string | null): Promise<Record<string, string>> {
  const program = here('tls-child.ts')
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority ?? '' }
  const { stdout } = await run(process.execPath, 'Deno' in globalThis ? ['run', '-A', program] : [program], {
    env,
  })
  return JSON.parse(stdout) as Record<string, string>
}

test('an authority of NODE_EXTRA_CA_CERTS is trusted, for the name that the function gave', async () => {
  const found = await results(here('../fixtures/tls/authority.pem'))
  assert.is(found.right, 'over tls')
  assert.is(found.dotted, 'over tls')
  assert.is(found.address, 'over tls')
  assert.is(found.socket, 'over tls')
  assert.match(found.wrong!, /fetch of other.test:\d+ failed: .*(altnames|certificate)/i)
  assert.match(found.wrongSocket!, /WebSocket to other.test:\d+ failed: .*(altnames|certificate)/i)
})

test('without it nobody vouches for the server', async () => {
  const found = await results(null)
  for (const [name, text] of Object.entries(found)) assert.match(text, /failed: .*certificate/i, name)
})

test.run()
