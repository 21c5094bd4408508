import { HELLO_CODE, HELLO_PATH, JSON_CODE, JSON_PATH } from '../functions.ts'
import { startGateway } from '../gateway-process.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Subject } from './subject.ts'

/** Starts this gateway with its defaults and deploys the functions of the peers through its API. */
export async function startGatewaySubject(): Promise<Subject> {
  const folder = await temporaryFolder()
  const gateway = await startGateway(folder.path)
  const functions = [
    { path: HELLO_PATH, code: HELLO_CODE },
    { path: JSON_PATH, code: JSON_CODE },
  ]
  for (const { path, code } of functions) {
    const id = await gateway.register({ path: path.slice('/api/'.length), code })
    await gateway.deploy(id)
  }
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
