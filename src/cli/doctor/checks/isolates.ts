import { readFile } from 'node:fs/promises'
import * as path from 'node:path'
import { findNode } from '../../../runtime/drivers/isolate/find-node.ts'
import type { Check } from '../check.ts'
import { fail, note, ok, type Verdict, warn } from '../finding.ts'
import { runProgram } from '../run-program.ts'
import type { Surroundings } from '../surroundings.ts'

const INSTALL = 'run "npm install" in the folder of the project'
const part = 'isolates'

/** The Node that holds isolates, one isolate that runs, and Deno where it is there. */
export function isolateChecks(at: Surroundings): Check[] {
  const node = at.onDeno ? findNode(at.config.node, at.root) : Promise.resolve(process.execPath)
  const late = (what: string): Verdict => fail(what, INSTALL)
  return [
    { id: 'node', part, about: 'Node.js', late, run: async (signal) => nodeVerdict(at, await node, signal) },
    {
      id: 'isolate',
      part,
      about: 'an isolate',
      late,
      run: async (signal) => isolateVerdict(at.root, await node, signal),
    },
    {
      id: 'deno',
      part,
      about: 'Deno',
      late: (what) => note(what),
      run: (signal) => denoVerdict(at, signal),
    },
  ]
}

async function nodeVerdict(at: Surroundings, node: string | null, signal: AbortSignal): Promise<Verdict> {
  const manifest = JSON.parse(await readFile(path.join(at.root, 'package.json'), 'utf8')) as {
    dependencies: { node: string }
  }
  const wanted = manifest.dependencies.node
  if (node === null)
    return warn(
      'Node.js: none found that can hold isolates, so each function gets a Deno process of its own',
      `${INSTALL}, or set FAAS_NODE to a Node.js 24 or 26`,
      { wanted },
    )
  const said = await runProgram(node, ['--version'], { signal })
  const version = said.stdout.trim().replace(/^v/, '')
  const facts = { version, wanted, executable: node, gateway_runs_on: at.onDeno ? 'deno' : 'node' }
  if (version === '') return fail(`Node.js: "${node}" does not run: ${said.error ?? said.stderr}`, INSTALL)
  const seen = `Node.js: ${version}`
  if (version.split('.')[0] === wanted.split('.')[0]) return ok(seen, facts)
  return warn(
    `${seen}, but ${wanted} was tested`,
    'start with "npm start", which takes the one of the project',
    facts,
  )
}

async function isolateVerdict(root: string, node: string | null, signal: AbortSignal): Promise<Verdict> {
  if (node === null) return note('isolates: nothing to hold them', {}, 'see the line about Node.js')
  const program = path.join(root, 'runtimes/isolate/self-check.ts')
  // Nothing of the environment, as for the hosts of the gateway.
  const said = await runProgram(node, ['--no-warnings', '--no-node-snapshot', program], { signal, env: {} })
  const seen = said.code === 0 ? (JSON.parse(said.stdout) as { answer: number; ms: number }) : null
  if (seen?.answer === 42) {
    const ms = Math.round(seen.ms * 10) / 10
    return ok(`isolates: isolated-vm loads, and an isolate ran in ${ms} ms`, { ms })
  }
  const why = /^(?:\w*Error.*|.*cannot .*)$/im.exec(said.stderr)?.[0] ?? said.error ?? `code ${said.code}`
  return fail(`isolates: isolated-vm cannot be used: ${why}`, INSTALL, { said: said.stderr.slice(0, 2000) })
}

async function denoVerdict(at: Surroundings, signal: AbortSignal): Promise<Verdict> {
  const candidates = at.onDeno ? [process.execPath] : [path.join(at.root, 'node_modules/.bin/deno'), 'deno']
  for (const executable of candidates) {
    const said = await runProgram(executable, ['--version'], { signal })
    const version = /^deno (\S+)/.exec(said.stdout)?.[1]
    if (version !== undefined)
      return ok(`Deno: ${version}${at.onDeno ? ', which runs this' : ''}`, { version, executable })
  }
  return note('Deno: not found; it is needed only to run the gateway on it', { version: null })
}
