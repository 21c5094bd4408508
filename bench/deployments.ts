import { setTimeout as sleep } from 'node:timers/promises'
import { distinctHello } from './functions.ts'
import type { GatewayProcess } from './gateway-process.ts'

/** A function that is deployed, and what it answers. */
export interface Deployed {
  readonly id: number
  readonly path: string
  readonly body: string
}

/** What is to be deployed. */
export interface Deployments {
  /** Their paths are this with a number behind it. */
  readonly prefix: string
  readonly count: number
  readonly limits?: Readonly<Record<string, unknown>>
  readonly progress: (message: string) => void
}

/** An instance that a build booted is gone soon after. Milliseconds. */
export const SOON_IDLE = 100
const GONE_WITHIN = 30_000
const POLL_EVERY = 100
const TELL_EVERY = 50

/** Deploys functions of which each has code and a path of its own, one after the other. */
export async function deployHellos(gateway: GatewayProcess, wanted: Deployments): Promise<Deployed[]> {
  const { prefix, count, limits, progress } = wanted
  const deployed: Deployed[] = []
  for (let index = 0; index < count; index++) {
    if (index % TELL_EVERY === 0) progress(`deploying ${index + 1} of ${count} functions`)
    const path = `${prefix}-${index}`
    const { code, body } = distinctHello(path)
    const id = await gateway.register({ path, code, ...(limits === undefined ? {} : { limits }) })
    await gateway.deploy(id)
    deployed.push({ id, path, body })
  }
  return deployed
}

/** A build boots its function once: that instance would answer warm. @throws Error when one stays */
export async function untilNoneLives(gateway: GatewayProcess, deployed: readonly Deployed[]): Promise<void> {
  const deadline = performance.now() + GONE_WITHIN
  for (const { id, path } of deployed) {
    while ((await gateway.liveInstances(id)) > 0) {
      if (performance.now() > deadline)
        throw new Error(
          `Cannot measure cold starts: an instance of "${path}" still lives after ${GONE_WITHIN} ms`,
        )
      await sleep(POLL_EVERY)
    }
  }
}
