import type { CaseResult } from '../results.ts'

/** How much of a case is wanted, and who hears how far it is. */
export interface RunOptions {
  /** Fewer rounds and samples: to see that all works, not to publish. */
  readonly quick: boolean
  /** Rounds of the cases that go in turns; null: the case's own number. */
  readonly rounds: number | null
  readonly progress: (message: string) => void
}

/** What a case comes to; its name and its time are added by who runs it. */
export type Measured = Omit<CaseResult, 'name' | 'seconds'>

/** One case of the bench. A runtime or a peer that is added later is one more of these, or one more subject in one. */
export interface Case {
  readonly name: string
  run(options: RunOptions): Promise<Measured>
}
