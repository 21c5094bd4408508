import process from 'node:process'
import { workerData } from 'node:worker_threads'

// A thread of its own, for functions with a limit on CPU time: it sees what the main thread is too busy to see.

const EVERY = 10
/** For a function that listens for the first signal. */
const GRACE = 200

const { state, limit } = workerData as { state: SharedArrayBuffer; limit: number }
/** Calls under way. */
const calls = new Int32Array(state, 0, 1)
/** CPU time of the process when the first of them began, in milliseconds. */
const began = new Float64Array(state, 8, 1)
const pause = new Int32Array(new SharedArrayBuffer(4))

function used(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 - began[0]!
}

for (;;) {
  Atomics.wait(calls, 0, 0)
  const now = Math.max(1, Atomics.load(calls, 0))
  if (used() > limit * now && Atomics.load(calls, 0) > 0) {
    process.kill(process.pid, 'SIGXCPU')
    Atomics.wait(pause, 0, 0, GRACE)
    process.kill(process.pid, 'SIGKILL')
  }
  Atomics.wait(pause, 0, 0, EVERY)
}
