import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LoadPlan, LoadReport } from './plan.ts'
import type { LoadReply } from './worker.ts'

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url))

/** A process of its own that makes load, so that its work is not done by what it measures. One load at a time. */
export interface LoadGenerator extends AsyncDisposable {
  readonly pid: number
  /** @throws Error when the plan is out of its bounds or the process ends */
  run(plan: LoadPlan): Promise<LoadReport>
}

/** Starts the generator's process; it ends with ours. */
export function startLoadGenerator(): LoadGenerator {
  const child = fork(WORKER, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  return {
    pid: child.pid!,
    async run(plan) {
      const reply = await ask(child, plan)
      if ('problem' in reply) throw new Error(reply.problem)
      return reply.report
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = new Promise((resolve) => child.once('exit', resolve))
      if (child.connected) child.disconnect()
      else child.kill('SIGKILL')
      await exited
    },
  }
}

function ask(child: ChildProcess, plan: LoadPlan): Promise<LoadReply> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      child.off('message', onMessage)
      child.off('exit', onExit)
      action()
    }
    const onMessage = (reply: unknown) => settle(() => resolve(reply as LoadReply))
    const onExit = (code: number | null, signal: string | null) =>
      settle(() => reject(new Error(`Cannot load: the generator ended (${code ?? signal})`)))
    child.once('message', onMessage)
    child.once('exit', onExit)
    child.send(plan, (error) => error && settle(() => reject(error)))
  })
}
