// The gate: types, Deno's types, lint and format, and the quick tests, the architecture's among them.
import { spawn } from 'node:child_process'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name: string): string => path.join(root, 'node_modules', '.bin', name)

interface Part {
  readonly name: string
  readonly command: readonly [string, ...string[]]
}

// The longest first: two run at a time.
const PARTS: readonly Part[] = [
  { name: 'types on Deno', command: [bin('deno'), 'check', '--quiet', 'src', 'runtimes', 'test', 'bench'] },
  { name: 'quick tests', command: [process.execPath, 'test/run.ts', '--fast'] },
  { name: 'types', command: [bin('tsc'), '--noEmit', '-p', '.'] },
  { name: 'lint and format', command: [bin('biome'), 'ci', '.'] },
]
const AT_ONCE = 2

const started = performance.now()
const queue = [...PARTS]
const failed: string[] = []
const lane = async (): Promise<void> => {
  for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
    if (!(await run(part))) failed.push(part.name)
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, lane))
console.log(`${failed.length === 0 ? 'ok' : `failed: ${failed.join(', ')}`}  ${seconds(started)}`)
process.exitCode = failed.length === 0 ? 0 : 1

/** Runs one part and prints its time; what it said only when it failed. */
async function run({ name, command: [file, ...args] }: Part): Promise<boolean> {
  const since = performance.now()
  const chunks: Buffer[] = []
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      chunks.push(Buffer.from(error.message))
      resolve(null)
    })
    child.once('close', resolve)
  })
  console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}  ${seconds(since)}`)
  if (code !== 0) console.log(Buffer.concat(chunks).toString('utf8').trimEnd())
  return code === 0
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`
}
