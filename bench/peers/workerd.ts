import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import * as path from 'node:path'
import { HELLO_CODE } from '../functions.ts'
import { startProgram } from '../processes.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import type { Subject } from './subject.ts'

/** What the workerd package says of itself. */
interface WorkerdPackage {
  /** Path of the binary for this platform. */
  readonly default: string
  /** The newest behaviour that this binary knows. */
  readonly compatibilityDate: string
}

/** One worker behind one socket; no inspector, no verbose log: what `workerd serve` is in production. */
const CONFIG = (compatibilityDate: string) => `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "hello", worker = .hello)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "hello")],
);

const hello :Workerd.Worker = (
  modules = [(name = "hello.js", esModule = embed "hello.js")],
  compatibilityDate = "${compatibilityDate}",
);
`

/** Starts workerd from its npm package with the hello function. */
export async function startWorkerd(): Promise<Subject> {
  const { default: binary, compatibilityDate } = createRequire(import.meta.url)('workerd') as WorkerdPackage
  const folder = await temporaryFolder()
  try {
    const config = path.join(folder.path, 'config.capnp')
    await writeFile(path.join(folder.path, 'hello.js'), HELLO_CODE)
    await writeFile(config, CONFIG(compatibilityDate))
    const program = await startProgram({
      name: 'workerd',
      command: binary,
      args: ['serve', '--control-fd=3', config],
      controlPipe: true,
      ready: /"event":"listen".*"port":(\d+)/,
      readyWithin: 20_000,
    })
    return {
      name: 'workerd',
      pid: program.pid,
      port: Number(program.match[1]),
      async [Symbol.asyncDispose]() {
        await program[Symbol.asyncDispose]()
        await folder[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}
