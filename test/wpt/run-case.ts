import { readFile } from 'node:fs/promises'
import * as path from 'node:path'
import type { TestServer } from '../support/server.ts'
import type { Case } from './cases.ts'
import type { WptServer } from './wpt-server.ts'

/** A subtest as the harness tells of it; null is a pass. */
export interface Subtest {
  readonly name: string
  readonly failure: string | null
}

/** What one case needs around it. */
export interface Stage {
  readonly root: string
  readonly gateway: TestServer
  readonly wpt: WptServer | null
}

/** What the deployed function answers. */
interface Report {
  readonly harness: { readonly status: number; readonly message: string | null }
  readonly tests: readonly (readonly [name: string, status: number, message: string | null])[]
  readonly thrown: string | null
}

/** Three times what the tests ask for: the machine may be busy, and only what hangs takes all of it. Milliseconds. */
const SHORT = 30_000
const LONG = 180_000
/** Above the harness's own time, which tells more than a call that was ended. */
const SPARE = 15_000
const STATUS = ['passed', 'failed', 'timed out', 'did not run', 'lacks what it needs']
const ENTRY = new URL('./inside/entry.js', import.meta.url)

/** Deploys one file as a function, calls it, and removes it. What goes wrong on the way is a failed subtest. */
export async function runCase(stage: Stage, test: Case): Promise<Subtest[]> {
  const { gateway } = stage
  const timeoutMs = test.long ? LONG : SHORT
  let id: number | null = null
  try {
    const callback = await gateway.register({
      path: `wpt/${crypto.randomUUID()}`,
      code: await functionCode(stage, test, timeoutMs),
      limits: { timeout_ms: timeoutMs + SPARE, memory_mb: 512, subrequests: 100_000, log_lines: 100 },
    })
    id = callback.callback_id
    await gateway.deploy(id, 'isolate')
    const answer = await gateway.call(callback.path)
    const text = await answer.text()
    if (answer.status !== 200) return [{ name: '(the call)', failure: `${answer.status} ${text}` }]
    return subtests(JSON.parse(text) as Report, stage.wpt)
  } catch (error) {
    return [{ name: '(the deploy)', failure: error instanceof Error ? error.message : String(error) }]
  } finally {
    if (id !== null) await gateway.api(`/callbacks/${id}`, { method: 'DELETE' })
  }
}

async function functionCode(stage: Stage, test: Case, timeoutMs: number): Promise<string> {
  const { root, wpt } = stage
  const scripts = await Promise.all(test.scripts.map((script) => readScript(stage, test, script)))
  const source = await readScript(stage, test, `/${test.file}`)
  const about = {
    address: `${wpt?.origin ?? 'http://localhost'}/${test.name}`,
    timeoutMs,
    idl: test.scripts.some((script) => script.endsWith('/idlharness.js')),
    harness: await readFile(path.join(root, 'resources/testharness.js'), 'utf8'),
    // One text, so that all share one scope, as the scripts of a worker do.
    code: [...scripts, source, `//# sourceURL=${wpt?.origin ?? 'http://localhost'}/${test.name}`].join(
      '\n;\n',
    ),
  }
  return `const CASE = ${JSON.stringify(about)}\n${await readFile(ENTRY, 'utf8')}`
}

/** A script of a test; the server fills in what changes (`.sub.`), and knows some that are no files. */
async function readScript({ root, wpt }: Stage, test: Case, script: string): Promise<string> {
  const file = script.startsWith('/')
    ? script.slice(1)
    : path.posix.join(path.posix.dirname(test.file), script)
  if (!file.includes('.sub.')) {
    const text = await readFile(path.join(root, file), 'utf8').catch(() => null)
    if (text !== null) return text
  }
  const answer = wpt === null ? null : await fetch(`${wpt.origin}/${file}`)
  if (answer?.ok) return answer.text()
  throw new Error(
    `Cannot read "${script}" of ${test.file}: ${root} has no such file and its server does not give it`,
  )
}

function subtests(report: Report, wpt: WptServer | null): Subtest[] {
  const seen = new Map<string, number>()
  const found = report.tests.map(([name, status, message]) => {
    const stable = withoutPorts(name, wpt)
    const count = (seen.get(stable) ?? 0) + 1
    seen.set(stable, count)
    return {
      name: count === 1 ? stable : `${stable} (${count})`,
      failure: status === 0 ? null : `${STATUS[status]}: ${message ?? ''}`,
    }
  })
  const { thrown, harness } = report
  if (thrown !== null) found.push({ name: '(the script)', failure: thrown })
  else if (harness.status === 1 || harness.status === 3)
    found.push({ name: '(the harness)', failure: harness.message ?? 'it failed' })
  return found
}

/** Names hold addresses, and the server's ports are others in each run. */
function withoutPorts(name: string, wpt: WptServer | null): string {
  let stable = name
  for (const [port, label] of wpt?.ports ?? []) stable = stable.replaceAll(`:${port}`, `:{${label}}`)
  return stable
}
