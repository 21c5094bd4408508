import { StringDecoder } from 'node:string_decoder'
import type { Deployment } from '../../../domain/deployment.ts'
import { FramedInstance } from '../../framed-instance.ts'
import type { StartOptions } from '../../runtime.ts'
import type { Container } from './container.ts'
import { processEnd } from './exit.ts'

/** The longest line that is kept of what a process prints past its guest. Characters. */
const LINE_MAX = 16_384

/** Makes a container that waits one function's: from here on it is an instance. */
export function createDockerInstance(
  container: Container,
  deployment: Deployment,
  code: Uint8Array,
  options: StartOptions,
): FramedInstance {
  const guest = {
    link: container.link,
    // Python forks a process for each call.
    endsCalls: deployment.type === 'python',
    kill: () => container.kill(),
  }
  const instance = new FramedInstance('docker', deployment, code, guest, options)
  const lines = new Lines((line) => instance.print('info', line))
  container.onStderr = (bytes) => lines.push(bytes)
  container.onSilent = () => instance.fellSilent()
  void container.gone.then((end) => {
    lines.end()
    instance.ended(processEnd(end, deployment.type, options.limits, container.stderr))
  })
  return instance
}

/** Cuts bytes into lines of bounded length; what cannot be UTF-8 is replaced. */
class Lines {
  readonly #decoder = new StringDecoder('utf8')
  readonly #print: (line: string) => void
  #open = ''

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  push(bytes: Uint8Array): void {
    const lines = (this.#open + this.#decoder.write(Buffer.from(bytes))).split('\n')
    this.#open = lines.pop() ?? ''
    for (const line of lines) this.#put(line)
    if (this.#open.length > LINE_MAX) {
      this.#put(this.#open)
      this.#open = ''
    }
  }

  end(): void {
    if (this.#open !== '') this.#put(this.#open)
    this.#open = ''
  }

  #put(line: string): void {
    if (line !== '') this.#print(line.slice(0, LINE_MAX))
  }
}
