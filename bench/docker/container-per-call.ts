import { spawn } from 'node:child_process'
import type { Language } from '../../src/domain/runtime-name.ts'
import { GREETING_BODY, GREETING_PROGRAM, IMAGES } from './functions.ts'

/**
 * A call as it is made without a gateway: `docker run` starts a container with the function's code, gives it the event,
 * prints the answer and removes the container.
 * @param more options for `docker run`
 * @returns milliseconds from the start of the client to its end
 * @throws Error unless it printed the right answer
 */
export async function runContainer(language: Language, more: readonly string[] = []): Promise<number> {
  const args = ['run', '--rm', '--interactive', ...more, IMAGES[language], ...GREETING_PROGRAM[language]]
  const began = performance.now()
  const client = spawn('docker', args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let printed = ''
  let complaint = ''
  client.stdout.setEncoding('utf8').on('data', (piece: string) => {
    printed += piece
  })
  client.stderr.setEncoding('utf8').on('data', (piece: string) => {
    complaint += piece
  })
  client.stdin.end('{}')
  const code = await new Promise<number | null>((resolve, reject) => {
    client.once('error', reject)
    client.once('close', resolve)
  })
  const ms = performance.now() - began
  const answer = printed.replaceAll(/\s/g, '')
  if (code === 0 && answer === GREETING_BODY) return ms
  throw new Error(`Cannot measure docker run: it ended with ${code} and printed ${printed}${complaint}`)
}
