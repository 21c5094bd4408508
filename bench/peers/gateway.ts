import { HELLO_CODE, HELLO_PATH } from '../functions.ts'
import { startGateway } from '../gateway-process.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Subject } from './subject.ts'

/** Starts this gateway with its defaults and deploys the hello function through its API. */
export async function startGatewaySubject(): Promise<Subject> {
  const folder = await temporaryFolder()
  const gateway = await startGateway(folder.path)
  const id = await gateway.register({ path: HELLO_PATH.slice('/api/'.length), code: HELLO_CODE })
  await gateway.deploy(id)
  return {
    name: 'gateway',
    pid: gateway.pid,
    port: gateway.port,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
