import { setTimeout as delay } from 'node:timers/promises'
import type { Deployment } from '../../../../domain/deployment.ts'
import { DEFAULT_LIMITS, type ResolvedLimits } from '../../../../domain/limits.ts'
import { LANGUAGES, type Language } from '../../../../domain/runtime-name.ts'
import type { BuildContext, StartOptions } from '../../../runtime.ts'
import type { DockerOptions } from '../driver.ts'
import { type Engine, reasonOf, statusOf } from '../engine/engine.ts'
import { Images } from '../images/images.ts'
import { Confinement } from '../network/confinement.ts'
import { Container, type Guest } from './container.ts'
import { sweepContainers } from './sweep.ts'
import { WaitingContainers } from './waiting.ts'

const NO_NETWORK = 'none'
/** How long builds that were stopped and sweeps are waited for at the end. Milliseconds. */
const END_WITHIN = 5000

/** Every container of this gateway on one engine: those that wait, those of functions, and what they need. */
export class Containers implements AsyncDisposable {
  readonly engine: Engine
  readonly #options: DockerOptions
  readonly #confinement: Confinement
  readonly #images: Images
  readonly #waiting: Readonly<Record<Language, WaitingContainers>>
  readonly #guests = new Map<Language, Promise<Guest>>()
  /** Deployments that run here or are being made to. */
  readonly #users = new Map<string, Language>()
  readonly #live = new Set<Container>()
  #ended = false
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(engine: Engine, options: DockerOptions) {
    this.engine = engine
    this.#options = options
    this.#confinement = new Confinement(engine, options.egress)
    this.#images = new Images({
      engine,
      pythonImage: options.pythonImage,
      nodeImage: options.nodeImage,
      pipIndexUrl: options.pipIndexUrl,
      npmRegistry: options.npmRegistry,
      buildCaFile: options.buildCaFile,
      env: options.env,
      network: this.#confinement,
    })
    const generic = (language: Language) => this.#generic(language)
    this.#waiting = {
      node: new WaitingContainers('node', options.prewarm, generic, options.log),
      python: new WaitingContainers('python', options.prewarm, generic, options.log),
    }
  }

  /** Containers of its language wait from now on. */
  use(deployment: Deployment): void {
    if (this.#ended) return
    this.#users.set(keyOf(deployment), deployment.type)
    this.#waiting[deployment.type].want()
  }

  /** Nothing runs for it any more. */
  async discard(deployment: Deployment): Promise<void> {
    this.#users.delete(keyOf(deployment))
    if (this.#images.needed(deployment)) await this.#images.remove(deployment)
    if ([...this.#users.values()].includes(deployment.type)) return
    await this.#waiting[deployment.type].dismiss()
    await this.#closeUnused()
  }

  /** Makes what a deployment starts from. @returns its image; null: the base image will do */
  image(deployment: Deployment, context: BuildContext): Promise<string | null> {
    return this.#noted(this.#image(deployment, context))
  }

  /** Without a function there is no network. */
  async #closeUnused(): Promise<void> {
    if (this.#users.size === 0 && !this.#ended) await this.#confinement.remove()
  }

  async #noted<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work)
    try {
      return await work
    } finally {
      this.#underWay.delete(work)
    }
  }

  async #image(deployment: Deployment, { signal, log }: BuildContext): Promise<string | null> {
    try {
      if (this.#images.needed(deployment))
        return (await this.#images.build(deployment, { signal, log })).reference
      await this.#images.ensure(this.#images.base(deployment.type), signal)
      return null
    } catch (error) {
      throw statusOf(error) === null ? error : this.engine.explain(error)
    }
  }

  /** A container with its runner loaded, for one function alone. @throws RuntimeUnavailable */
  async take(deployment: Deployment, start: StartOptions): Promise<Container> {
    try {
      const container =
        (await this.#takeWaiting(deployment, start.limits)) ?? (await this.#make(deployment, start))
      this.#live.add(container)
      void container.gone.then(() => this.#live.delete(container))
      return container
    } catch (error) {
      throw this.engine.explain(error)
    }
  }

  /** Removes what dead processes left, and lets containers wait for the languages in use. */
  async sweep(active: readonly Deployment[]): Promise<void> {
    try {
      await this.#noted(sweepContainers(this.engine, 'orphans'))
      await this.#noted(this.#images.sweep(active))
      for (const deployment of active) this.use(deployment)
      await this.#noted(this.#closeUnused())
    } catch (error) {
      throw this.engine.explain(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    // Nobody waits for a build that was stopped, or for a sweep: they may yet make a container, or take one away.
    await Promise.race([Promise.allSettled(this.#underWay), delay(END_WITHIN, null, { ref: false })])
    await Promise.all(LANGUAGES.map((language) => this.#waiting[language].dismiss()))
    const live = [...this.#live]
    for (const container of live) container.kill()
    await Promise.all(live.map(({ gone }) => gone))
    try {
      await sweepContainers(this.engine, 'own')
      await this.#confinement.remove()
    } catch (error) {
      this.#options.log(`Containers may have stayed behind: ${this.engine.explain(error).message}`)
    }
    await this.engine.events.close()
  }

  async #takeWaiting(deployment: Deployment, limits: ResolvedLimits): Promise<Container | null> {
    if (this.#images.needed(deployment) || this.#networked(limits) !== this.#networked(DEFAULT_LIMITS))
      return null
    const container = await this.#waiting[deployment.type].take()
    if (container === null) return null
    try {
      if (limits.memory_mb !== DEFAULT_LIMITS.memory_mb) await container.resize(limits.memory_mb)
      if (this.#networked(limits) && limits.egress_allow.length > 0) {
        const image = this.#images.base(deployment.type)
        await this.#confinement.widen(container.id, image, limits.egress_allow)
      }
      return container
    } catch (error) {
      container.kill()
      throw error
    }
  }

  /** One of its own, from its image or from the base image. */
  async #make(deployment: Deployment, { limits, artifact, signal }: StartOptions): Promise<Container> {
    const base = this.#images.base(deployment.type)
    const made = (image: string) => this.#start(deployment.type, image, limits, deployment)
    if (artifact.kind !== 'image') return made(base)
    try {
      return await made(artifact.reference ?? base)
    } catch (error) {
      if (!isMissingImage(error)) throw error
      // Someone removed it: it can be made again from the deployment alone.
      this.#options.log(`The image of callback ${deployment.callback_id} is gone: it is made again`)
      const { reference } = await this.#images.build(deployment, { signal, log: () => undefined })
      return made(reference)
    }
  }

  #generic(language: Language): Promise<Container> {
    const limits = { ...DEFAULT_LIMITS, egress_allow: [] }
    return this.#start(language, this.#images.base(language), limits, null)
  }

  async #start(
    language: Language,
    image: string,
    limits: Pick<ResolvedLimits, 'memory_mb' | 'egress' | 'egress_allow'>,
    deployment: Deployment | null,
  ): Promise<Container> {
    const networked = this.#networked(limits)
    const { cores } = await this.engine.facts(AbortSignal.timeout(5000))
    const guest = await this.#guest(language)
    const options = {
      image,
      guest,
      memoryMb: limits.memory_mb,
      cpus: Math.min(this.#options.cpus, cores),
      labels: labelsOf(deployment),
    }
    if (!networked) return Container.start(this.engine, { ...options, network: NO_NETWORK })
    const base = this.#images.base(language)
    const confine = (id: string, running: Promise<unknown>) =>
      this.#confinement.confine(id, base, limits.egress_allow, running)
    return this.#confinement.use((network) => Container.start(this.engine, { ...options, network, confine }))
  }

  #networked({ egress }: Pick<ResolvedLimits, 'egress'>): boolean {
    return egress !== 'none' && this.#confinement.open
  }

  #guest(language: Language): Promise<Guest> {
    let guest = this.#guests.get(language)
    if (guest === undefined) {
      guest = this.#options.guests[language]()
      this.#guests.set(language, guest)
    }
    return guest
  }
}

function isMissingImage(error: unknown): boolean {
  return statusOf(error) === 404 && /no such image/i.test(reasonOf(error) ?? '')
}

function keyOf({ callback_id, version }: Deployment): string {
  return `${callback_id}:${version}`
}

function labelsOf(deployment: Deployment | null): Record<string, string> {
  if (deployment === null) return { 'faas.role': 'waiting' }
  const { callback_id, version } = deployment
  return { 'faas.role': 'function', 'faas.callback': String(callback_id), 'faas.version': String(version) }
}
