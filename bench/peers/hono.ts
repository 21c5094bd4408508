import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { startProgram } from '../processes.ts'
import type { Subject } from './subject.ts'

/** Starts bare Hono on the Node that runs the bench. */
export async function startHono(): Promise<Subject> {
  const program = await startProgram({
    name: 'hono',
    command: process.execPath,
    args: [fileURLToPath(new URL('./hono-server.ts', import.meta.url))],
    env: { ...process.env, NODE_ENV: 'production' },
    ready: /listening on (\d+)\n/,
    readyWithin: 20_000,
  })
  return {
    name: 'hono',
    pid: program.pid,
    port: Number(program.match[1]),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}
