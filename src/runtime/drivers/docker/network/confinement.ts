import { type Engine, reasonOf, statusOf } from '../engine/engine.ts'
import { BridgeNetwork } from './bridge-network.ts'
import { guard } from './guard.ts'
import { closingRules, type EgressRules, openingRules } from './ways-out.ts'

/** The network that containers are on, with the ways closed that they must not take. */
export class Confinement {
  readonly #engine: Engine
  readonly #egress: EgressRules
  readonly #network: BridgeNetwork

  constructor(engine: Engine, egress: EgressRules) {
    this.#engine = engine
    this.#egress = egress
    this.#network = new BridgeNetwork(engine)
  }

  /** Whether functions may have a network at all. */
  get open(): boolean {
    return this.#egress.mode !== 'none'
  }

  /** The network's name, once it is there. @throws the engine's own error */
  name(): Promise<string> {
    return this.#network.name()
  }

  /** Does something with the network; when someone has removed it, once more with a new one. */
  async use<T>(work: (network: string) => Promise<T>): Promise<T> {
    try {
      return await work(await this.name())
    } catch (error) {
      if (statusOf(error) !== 404 || !/network .*not found/i.test(reasonOf(error) ?? '')) throw error
      this.#network.forget()
      return work(await this.name())
    }
  }

  /**
   * Closes the ways of a container, before any code that is not ours runs in it.
   * @param image one with perl or python3
   * @param allow what it may reach besides, as in FAAS_EGRESS_ALLOW
   * @param running resolves when the container runs; none: it does
   * @throws RuntimeUnavailable
   */
  async confine(
    containerId: string,
    image: string,
    allow: readonly string[],
    running?: Promise<unknown>,
  ): Promise<void> {
    const { mode } = this.#egress
    const rules = { mode, allow: [...this.#egress.allow, ...allow] }
    const closing = await closingRules(rules, await this.#network.surroundings())
    await guard(this.#engine, image, containerId, closing, running)
  }

  /** Opens more ways of a container that was confined. @throws RuntimeUnavailable */
  async widen(containerId: string, image: string, allow: readonly string[]): Promise<void> {
    await guard(this.#engine, image, containerId, await openingRules(allow))
  }

  /** @throws the engine's own error */
  remove(): Promise<void> {
    return this.#network.remove()
  }
}
