/** `ok`: nothing to do. `note`: good to know. `warn`: the gateway runs, but. `fail`: what it is set to do cannot work. */
export type Status = 'ok' | 'note' | 'warn' | 'fail'

/** A value of `facts`: plain data for programs. */
export type Fact = string | number | boolean | null | readonly Fact[] | { readonly [name: string]: Fact }
export type Facts = Readonly<Record<string, Fact>>

/** The parts of the report, in its order. */
export const PARTS = ['settings', 'machine', 'data', 'isolates', 'builds', 'docker', 'cluster'] as const
export type Part = (typeof PARTS)[number]

/** What one look has found: a line of the report. */
export interface Finding {
  /** Stable; scripts may ask for it. */
  readonly id: string
  readonly part: Part
  readonly status: Status
  /** What was looked at and what was seen; no period at its end. */
  readonly summary: string
  /** What to do, in one sentence; for `warn` and `fail` always. */
  readonly remedy?: string
  readonly facts: Facts
}

/** A finding before it knows whose it is. */
export type Verdict = Omit<Finding, 'id' | 'part'>

/** Nothing to do. */
export function ok(summary: string, facts: Facts = {}): Verdict {
  return { status: 'ok', summary, facts }
}

/** Good to know; a remedy only where something could be had. */
export function note(summary: string, facts: Facts = {}, remedy?: string): Verdict {
  return { status: 'note', summary, facts, ...(remedy === undefined ? {} : { remedy }) }
}

/** The gateway works, but less well or less safely than it could. */
export function warn(summary: string, remedy: string, facts: Facts = {}): Verdict {
  return { status: 'warn', summary, remedy, facts }
}

/** Something that the gateway is set to do cannot work. */
export function fail(summary: string, remedy: string, facts: Facts = {}): Verdict {
  return { status: 'fail', summary, remedy, facts }
}
