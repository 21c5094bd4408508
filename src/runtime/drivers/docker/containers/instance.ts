import type { Deployment } from '../../../../domain/deployment.ts'
import { FramedInstance } from '../../../framed-instance.ts'
import type { StartOptions } from '../../../runtime.ts'
import type { Container } from './container.ts'
import { processEnd } from './exit.ts'
import { RawLines } from './raw-lines.ts'

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
  const lines = new RawLines(options.limits.log_lines, (line) => instance.print('info', line))
  container.onStderr = (bytes) => lines.push(bytes)
  container.onSilent = () => instance.fellSilent()
  void container.gone.then((end) => {
    lines.end()
    instance.ended(processEnd(end, deployment.type, options.limits, container.stderr))
  })
  return instance
}
