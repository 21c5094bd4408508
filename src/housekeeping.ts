import type { BuildingDeployer } from './deploy/pipeline.ts'
import type { Targets } from './invoke/targets.ts'
import type { Log } from './observe/log.ts'
import type { Registry } from './runtime/registry.ts'
import { followRevision } from './store/follow.ts'
import type { Store } from './store/store.ts'

interface House {
  readonly store: Store
  readonly targets: Targets
  readonly deployer: BuildingDeployer
  readonly registry: Registry
  readonly log: Log['write']
}

/** How often artifacts that no deployment needs any more are looked for. Milliseconds. */
const SWEEP_EVERY = 3_600_000
/** The bundler waits until the gateway listens and its hosts are up. Milliseconds. */
const WARM_AFTER = 1000

/**
 * What a gateway does besides answering: it follows what other replicas change, takes up builds whose gateway
 * is gone, has runtimes sweep what it left, starts the bundler ahead of the first build, and sweeps artifacts.
 * @returns a function that ends it
 */
export async function keepHouse({ store, targets, deployer, registry, log }: House): Promise<() => void> {
  const tell = (sentence: string) => (error: unknown) => log('error', sentence, { error: String(error) })
  const stopFollowing = followRevision(
    store,
    await store.revision(),
    () => targets.reload(),
    tell('the database does not answer: what other replicas change is not seen'),
  )
  deployer.recover().catch(tell('builds of an earlier process could not be taken up'))
  const tidy = async () => registry.sweep(await store.deployments.active())
  tidy().catch((error: unknown) =>
    log('debug', `what earlier processes left was not swept: ${String(error)}`, {}),
  )
  const warm = () => deployer.warm().catch(tell('the bundler could not be started'))
  const warmer = setTimeout(warm, WARM_AFTER)
  warmer.unref()
  const sweep = () => store.artifacts.sweep().catch(tell('artifacts could not be swept'))
  const sweeper = setInterval(sweep, SWEEP_EVERY)
  sweeper.unref()
  return () => {
    stopFollowing()
    clearTimeout(warmer)
    clearInterval(sweeper)
  }
}
