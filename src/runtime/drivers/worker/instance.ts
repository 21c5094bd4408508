import { spawn } from 'node:child_process'
import process from 'node:process'
import type { Deployment } from '../../../domain/deployment.ts'
import { FramedInstance } from '../../framed-instance.ts'
import { GuestLink } from '../../guest-link.ts'
import type { StartOptions } from '../../runtime.ts'

/** No permission but to load the guest's own program; nothing from the network, no configuration of the machine. */
const ARGUMENTS = ['run', '--no-prompt', '--no-config', '--no-lock', '--no-remote', '--no-npm', '--quiet']
const OUT_OF_MEMORY = /out of memory|OOM/i
/** What a worker loads, as stacks name it. */
const BLOB = /blob:null\/[0-9a-f-]{36}/g

/**
 * Starts one Deno process without permissions: `Worker.terminate` would not end a busy loop.
 * @param program the file of the guest
 */
export function startWorker(
  program: string,
  deployment: Deployment,
  code: Uint8Array,
  options: StartOptions,
): FramedInstance {
  const { memory_mb } = options.limits
  const heap = `--v8-flags=--max-old-space-size=${memory_mb}`
  const child = spawn(process.execPath, [...ARGUMENTS, heap, program], {
    env: { NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const link = new GuestLink((bytes) => child.stdin.write(bytes))
  const guest = { link, endsCalls: false, alias: BLOB, kill: () => child.kill('SIGKILL') }
  const instance = new FramedInstance('worker', deployment, code, guest, options)
  let stderr = ''
  child.stderr.on('data', (text: Uint8Array) => {
    stderr = (stderr + String(text)).slice(-2000)
  })
  // The exit says why; a broken pipe alone says nothing more.
  child.stdin.on('error', () => undefined)
  child.stdout.on('data', (chunk: Uint8Array) => link.push(chunk))
  const crashed = (detail: string) => instance.ended({ reason: 'crash', detail, limit: null, used: null })
  child.on('error', (error) => crashed(`its process could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    if (!OUT_OF_MEMORY.test(stderr)) crashed(`its process ended with ${signal ?? `exit code ${code}`}`)
    else {
      const detail = `it used more than ${memory_mb} MB of heap`
      instance.ended({ reason: 'memory', detail, limit: memory_mb, used: memory_mb })
    }
  })
  return instance
}
