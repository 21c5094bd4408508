import { readFile } from 'node:fs/promises'
import * as path from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type GatewayProcess, startGateway } from '../gateway-process.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { allContainers, removeParts, removePartsNow, runningContainers } from './engine.ts'

/** A gateway whose functions run in containers, with a data folder of its own. */
export interface DockerGateway extends AsyncDisposable {
  readonly gateway: GatewayProcess
  /** Ids of its containers that run functions or wait for one. */
  containers(): Promise<string[]>
  /** Resolves when none of these callbacks has an instance and so many containers wait. @throws Error when that does not come */
  atRest(callbackIds: readonly number[], waiting: number): Promise<void>
}

const REST_WITHIN = 30_000
const POLL_EVERY = 50
/** How long it has to last. Milliseconds. */
const SETTLE_MS = 300

const started = new Set<string>()
process.once('exit', () => {
  for (const id of started) removePartsNow(id)
})

/** Starts one; with its end everything that it made on the engine is gone. */
export async function startDockerGateway(
  settings: Readonly<Record<string, string>> = {},
): Promise<DockerGateway> {
  const folder = await temporaryFolder()
  const gateway = await startGateway(folder.path, settings)
  await gateway.untilReady()
  const id = (await readFile(path.join(folder.path, 'gateway-id'), 'utf8')).trim()
  started.add(id)
  return {
    gateway,
    containers: () => runningContainers(id),
    async atRest(callbackIds, waiting) {
      const deadline = performance.now() + REST_WITHIN
      const rests = () => isAtRest(gateway, id, callbackIds, waiting)
      // It has to last: a container runs a moment before its runner is loaded and its network guarded.
      while (!(await rests()) || (await sleep(SETTLE_MS, false)) || !(await rests())) {
        if (performance.now() > deadline)
          throw new Error(
            `Cannot measure: after ${REST_WITHIN} ms there are not ${waiting} containers that wait and no other`,
          )
        await sleep(POLL_EVERY)
      }
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]()
      started.delete(id)
      for (const part of await removeParts(id)) process.stderr.write(`the gateway left ${part}\n`)
      await folder[Symbol.asyncDispose]()
    },
  }
}

async function isAtRest(
  gateway: GatewayProcess,
  id: string,
  callbackIds: readonly number[],
  waiting: number,
): Promise<boolean> {
  for (const callback of callbackIds) if ((await gateway.liveInstances(callback)) > 0) return false
  return (await allContainers(id)).length === waiting
}
