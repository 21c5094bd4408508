import { stat } from 'node:fs/promises'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parsePlace } from '../../../store/libsql/location.ts'
import type { Check, Outcome } from '../check.ts'
import type { DatabaseLine } from '../database-probe.ts'
import { type Facts, fail, note, ok, type Verdict, warn } from '../finding.ts'
import { runProgram } from '../run-program.ts'
import type { Surroundings } from '../surroundings.ts'
import { bytes } from '../units.ts'

const PROBE = fileURLToPath(new URL('../database-probe.ts', import.meta.url))
/** Each call of the management API asks a few times, one after the other. Milliseconds. */
const SLOW_MS = 50

/** The database: whether it answers, at which schema it is, and for a file whether its pages are sound. */
export function databaseCheck({ config, onDeno }: Surroundings): Check {
  return {
    id: 'database',
    part: 'data',
    about: 'the database',
    late: (what) => fail(what, 'check the database that FAAS_DB_URL names: its server, or its disk'),
    async run(signal) {
      const place = parsePlace(config.dbUrl)
      const facts = { kind: place.kind, location: place.location }
      if (place.kind === 'memory')
        return {
          verdict: warn(
            'database: in memory, so nothing outlives the gateway',
            'set FAAS_DB_URL to a file or a server, or unset it',
            facts,
          ),
        }
      // Not a synchronous look: a disk that hangs must not stop everything.
      const file = place.kind === 'file' ? await stat(place.location).catch(() => null) : undefined
      if (file === null)
        return { verdict: note(`database: "${place.location}" will be made at the first start`, facts) }
      const size: Facts = file === undefined ? {} : { bytes: file.size }
      const lines = await probe(place.url, config.dbAuthToken, onDeno, signal)
      return outcome(lines, { ...facts, ...size })
    },
  }
}

/** What the probe has told when it ended, or when its time was up. */
async function probe(
  url: string,
  authToken: string | null,
  onDeno: boolean,
  signal: AbortSignal,
): Promise<DatabaseLine[]> {
  const own = new AbortController()
  const stop = () => own.abort()
  const timer = setTimeout(stop, PROBE_MS)
  signal.addEventListener('abort', stop, { once: true })
  const args = onDeno ? ['run', '-A', PROBE] : ['--no-warnings', PROBE]
  const input = JSON.stringify({ url, authToken })
  const said = await runProgram(process.execPath, args, {
    signal: own.signal,
    input,
    cwd: path.dirname(PROBE),
  })
  clearTimeout(timer)
  const lines = said.stdout.split('\n').flatMap((line) => {
    return line.endsWith('}') ? [JSON.parse(line) as DatabaseLine] : []
  })
  if (lines.length > 0 || said.code === null) return lines
  return [{ kind: 'failed', message: said.error ?? said.stderr.trim().split('\n').at(-1) ?? '' }]
}

/** Before the check's own deadline, so that what was learned by then is told. Milliseconds. */
const PROBE_MS = 2700

function outcome(lines: readonly DatabaseLine[], facts: Facts): Outcome {
  const read = lines.find((line) => line.kind === 'read')
  const failed = lines.find((line) => line.kind === 'failed')
  if (read === undefined) return { verdict: unread(failed?.message, facts) }
  const { schema, known } = read
  const ms = Math.round(read.latencyMs * 100) / 100
  const verdict = readable(String(facts.location), schema, known, ms, {
    ...facts,
    schema,
    known,
    latency_ms: ms,
  })
  if (facts.kind !== 'file') return { verdict }
  const checked = lines.find((line) => line.kind === 'checked')
  return { verdict, beside: { integrity: integrity(facts, checked?.damage, failed?.message) } }
}

function unread(message: string | undefined, facts: Facts): Verdict {
  if (message === undefined)
    return fail(
      `database: "${facts.location}" did not answer within 3 s`,
      'check that its server runs and can be reached, or its disk',
      facts,
    )
  // The store's sentences end with what to do.
  const [, summary = message, remedy = 'check FAAS_DB_URL and FAAS_DB_AUTH_TOKEN'] =
    /^(.*): (.*)$/.exec(message) ?? []
  return fail(`database: ${summary}`, remedy, facts)
}

function readable(location: string, schema: number, known: number, ms: number, facts: Facts): Verdict {
  const at = `database: "${location}" answers in ${ms} ms`
  if (schema > known)
    return fail(
      `${at}, but its schema is at ${schema} and this version knows ${known}`,
      'start the version that made it, or newer, or restore a backup',
      facts,
    )
  if (schema === 0) return note(`${at}; it is empty, the first start makes the schema`, facts)
  if (schema < known) return note(`${at}; the next start brings its schema from ${schema} to ${known}`, facts)
  if (facts.kind === 'server' && ms > SLOW_MS)
    return warn(`${at}`, 'put the database nearer to the gateway: each change waits for it', facts)
  return ok(`${at}, schema ${schema}`, facts)
}

function integrity(
  facts: Facts,
  damage: readonly string[] | undefined,
  failure: string | undefined,
): Verdict {
  const size = bytes(Number(facts.bytes))
  if (failure !== undefined) return unread(failure, facts)
  if (damage === undefined)
    return note(
      `database: the check of its ${size} was ended after 3 s`,
      {},
      `run it yourself: sqlite3 "${facts.location}" "PRAGMA quick_check"`,
    )
  if (damage.length === 0) return ok(`database: its ${size} are sound`, {})
  return fail(`database: it is damaged: ${damage[0]}`, 'restore a backup', { damage })
}
