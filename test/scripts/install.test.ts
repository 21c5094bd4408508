// @slow
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const script = fileURLToPath(new URL('../../scripts/install.mjs', import.meta.url))
const test = suite('the install script')
const folders: string[] = []
test.after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

type Entry = { version: string; dev?: boolean; optional?: boolean }
const LOCKED: Record<string, Entry> = {
  '': { version: '1.0.0' },
  'node_modules/node': { version: '26.0.0' },
  'node_modules/a': { version: '1.0.0' },
  'node_modules/d': { version: '1.0.0', dev: true },
  'node_modules/o': { version: '1.0.0', optional: true },
}

/** A project of its own, whose npm is a shell script that notes its arguments and then does as told. */
function project(npm = 'exit 0') {
  const root = mkdtempSync(path.join(tmpdir(), 'faas-install-'))
  folders.push(root)
  const at = (...parts: string[]) => path.join(root, ...parts)
  for (const folder of ['scripts', 'bin']) mkdirSync(at(folder))
  copyFileSync(script, at('scripts', 'install.mjs'))
  writeFileSync(at('package.json'), JSON.stringify({ dependencies: { node: '26.0.0' } }))
  writeFileSync(at('package-lock.json'), JSON.stringify({ packages: LOCKED }))
  writeFileSync(at('npm-body'), npm)
  writeFileSync(at('bin', 'npm'), `#!/bin/sh\necho "$@" >> '${at('calls')}'\n. '${at('npm-body')}'\n`)
  chmodSync(at('bin', 'npm'), 0o755)
  return { root, at }
}

/** What an installation leaves: its folders, npm's record, and a node that tells its version. */
function fill({ at }: ReturnType<typeof project>, packages: Record<string, Entry>, node = 'v26.0.0'): void {
  mkdirSync(at('node_modules', '.bin'), { recursive: true })
  for (const place of Object.keys(packages)) mkdirSync(at(place), { recursive: true })
  writeFileSync(at('node_modules', '.package-lock.json'), JSON.stringify({ packages }))
  writeFileSync(at('node_modules', '.bin', 'node'), `#!/bin/sh\necho ${node}\n`)
  chmodSync(at('node_modules', '.bin', 'node'), 0o755)
}

function run({ root, at }: ReturnType<typeof project>, ...args: string[]) {
  const host = process.versions.deno === undefined ? [] : ['run', '-A', '--no-config']
  const env = { ...process.env, PATH: `${at('node_modules', '.bin')}:${at('bin')}:/usr/bin:/bin` }
  const options = { cwd: root, env, encoding: 'utf8' } as const
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [...host, at('scripts', 'install.mjs'), ...args],
    options,
  )
  return { status, said: stdout + stderr }
}

function calls({ at }: ReturnType<typeof project>): string[] {
  try {
    return readFileSync(at('calls'), 'utf8').trim().split('\n')
  } catch {
    return []
  }
}

const without = (place: string) => Object.fromEntries(Object.entries(LOCKED).filter(([key]) => key !== place))
const FULL = without('')

test('does and says nothing when all is there', () => {
  const here = project()
  fill(here, FULL)
  assert.equal(run(here), { status: 0, said: '' })
  assert.equal(run(here, '--production'), { status: 0, said: '' })
  assert.equal(calls(here), [])
})

test('does not miss what this platform has no use for', () => {
  const here = project()
  const { 'node_modules/o': _, ...rest } = FULL
  fill(here, rest)
  assert.is(run(here).said, '')
})

test('production needs nothing of development, the tests do', () => {
  const here = project()
  const { 'node_modules/d': _, ...rest } = FULL
  fill(here, rest)
  assert.is(run(here, '--production').said, '')
  run(here)
  assert.is(calls(here).length, 1)
  assert.match(calls(here)[0]!, /^install --no-save /)
  assert.not.match(calls(here)[0]!, 'omit')
})

test('installs what is missing, of another version, or deleted', () => {
  const missing = project()
  const { 'node_modules/a': _, ...rest } = FULL
  const older = project()
  const deleted = project()
  fill(missing, rest)
  fill(older, { ...FULL, 'node_modules/a': { version: '0.9.0' } })
  fill(deleted, FULL)
  rmSync(deleted.at('node_modules', 'a'), { recursive: true })
  for (const here of [missing, older, deleted]) {
    assert.is(run(here, '--production').status, 0)
    assert.match(calls(here)[0]!, '--omit=dev')
  }
})

test('says what to do when npm fails', () => {
  const here = project('exit 7')
  const { status, said } = run(here)
  assert.is(status, 1)
  assert.match(said, 'Cannot install: npm ended with code 7')
  assert.match(said, 'npm ping')
})

test('fetches the Node that an install script would have brought', () => {
  const here = project()
  const folder = 'node_modules/node'
  const body = `case "$*" in *--prefix*)
    for last; do :; done; name=\${last%@*}
    mkdir -p "${folder}/node_modules/$name/bin"
    printf '#!/bin/sh\\necho v26.0.0\\n' > "${folder}/node_modules/$name/bin/node"
    chmod +x "${folder}/node_modules/$name/bin/node";;
  esac`
  writeFileSync(here.at('npm-body'), body)
  fill(here, FULL)
  writeFileSync(here.at(folder, 'package.json'), JSON.stringify({ version: '26.0.0' }))
  rmSync(here.at('node_modules', '.bin', 'node'))
  assert.equal(run(here), { status: 0, said: '' })
  assert.match(calls(here)[0]!, /--prefix \S+ node-\S+@26\.0\.0$/)
  assert.is(spawnSync(here.at('node_modules', '.bin', 'node'), { encoding: 'utf8' }).stdout, 'v26.0.0\n')
})

test('says what to do when there is still no right Node', () => {
  const here = project()
  fill(here, FULL)
  rmSync(here.at('node_modules', '.bin', 'node'))
  const { status, said } = run(here)
  assert.is(status, 1)
  assert.match(said, 'node_modules/.bin/node must be Node.js 26.0.0: it is missing')
  assert.match(said, 'ignore-scripts')
})

test.run()
