/** The load generator's process: one plan in, one report out, until its parent goes. */
import process from 'node:process'
import { runClosedLoop } from './closed-loop.ts'
import type { LoadPlan, LoadReport } from './plan.ts'

/** What the generator's process tells its parent. */
export type LoadReply = { readonly report: LoadReport } | { readonly problem: string }

process.on('message', (plan: LoadPlan) => {
  runClosedLoop(plan).then(
    (report) => reply({ report }),
    (error: unknown) => reply({ problem: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit())

function reply(message: LoadReply): void {
  process.send?.(message)
}
