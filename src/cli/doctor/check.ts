import type { Fact, Facts, Finding, Part, Verdict } from './finding.ts'
import type { Redact } from './redact.ts'

/** One look at one thing. */
export interface Check {
  readonly id: string
  readonly part: Part
  /** The thing, as the sentence calls it that says that it did not answer. */
  readonly about: string
  /** The verdict when there is no answer in time, or none at all; `what` is the sentence. */
  readonly late: (what: string) => Verdict
  /** Heavy packages, loaded before the clock starts. */
  readonly load?: () => Promise<void>
  readonly run: (signal: AbortSignal) => Promise<Verdict | Outcome>
}

/** A verdict that comes with others, or opens the way to further looks. */
export interface Outcome {
  readonly verdict: Verdict
  /** Lines beside it; the key goes behind the check's id. */
  readonly beside?: Readonly<Record<string, Verdict>>
  /** What could only be looked at once this was seen. */
  readonly next?: readonly Check[]
}

/** How long each look may take. Milliseconds. */
const DEADLINE = 3000
/** How long one that was too late may take to clear up. Milliseconds. */
const GRACE = 500

/** Runs all checks at once, each with its own deadline, and what they open. Never rejects; in the order given. */
export async function runChecks(
  checks: readonly Check[],
  redact: Redact,
  deadline = DEADLINE,
): Promise<Finding[]> {
  // Loading a large package keeps the thread: no clock may run meanwhile.
  const loaded = await Promise.allSettled(checks.map(async (check) => check.load?.()))
  const found = await Promise.all(
    checks.map((check, index) => runCheck(check, loaded[index]!, redact, deadline)),
  )
  return found.flat()
}

async function runCheck(
  check: Check,
  loaded: PromiseSettledResult<void>,
  redact: Redact,
  deadline: number,
): Promise<Finding[]> {
  const outcome = await outcomeOf(check, loaded, deadline)
  const finding = (id: string, { status, summary, remedy, facts }: Verdict): Finding => ({
    id,
    part: check.part,
    status,
    summary: redact(summary),
    ...(remedy === undefined ? {} : { remedy: redact(remedy) }),
    facts: redactFacts(facts, redact),
  })
  const beside = Object.entries(outcome.beside ?? {})
  return [
    finding(check.id, outcome.verdict),
    ...beside.map(([key, verdict]) => finding(`${check.id}.${key}`, verdict)),
    ...(await runChecks(outcome.next ?? [], redact, deadline)),
  ]
}

async function outcomeOf(
  check: Check,
  loaded: PromiseSettledResult<void>,
  deadline: number,
): Promise<Outcome> {
  const controller = new AbortController()
  try {
    if (loaded.status === 'rejected') throw loaded.reason
    const running = check.run(controller.signal)
    const seen = await within(running, deadline)
    if (seen !== null) return 'verdict' in seen ? seen : { verdict: seen }
    controller.abort()
    await within(
      running.catch(() => undefined),
      GRACE,
    )
    return { verdict: check.late(`${check.about} did not answer within ${deadline / 1000} s`) }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error)
    return { verdict: check.late(`${check.about} could not be looked at: ${said}`) }
  } finally {
    controller.abort()
  }
}

/** Null when it takes longer. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function redactFacts(facts: Facts, redact: Redact): Facts {
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, redactFact(fact, redact)]))
}

function redactFact(fact: Fact, redact: Redact): Fact {
  if (typeof fact === 'string') return redact(fact)
  if (typeof fact !== 'object' || fact === null) return fact
  if (Array.isArray(fact)) return fact.map((entry: Fact) => redactFact(entry, redact))
  return redactFacts(fact as Facts, redact)
}
