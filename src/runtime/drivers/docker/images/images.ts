import type { Deployment } from '../../../../domain/deployment.ts'
import type { Language } from '../../../../domain/runtime-name.ts'
import { BuildFailure, RuntimeUnavailable } from '../../../failures.ts'
import { type Engine, statusOf } from '../engine/engine.ts'
import { ensureImage } from './base-image.ts'
import { failureOf } from './failure.ts'
import { type InstallNetwork, install, LIBRARY_ROLE } from './install.ts'
import { ImageNames, type ImageTag, INSTALL_LABEL, nameOf, type Version } from './names.ts'
import { hasLibrary, type Recipe, recipeFor } from './recipe.ts'
import { type InstallSettings, readCertificate, redactor } from './settings.ts'
import { sweepBuilds } from './sweep-builds.ts'

/** How images of functions are made. */
export interface ImagesOptions extends InstallSettings {
  readonly engine: Engine
  readonly pythonImage: string
  readonly nodeImage: string
  /** Where the containers that install are: packages run code of their own there. @default the engine's choice */
  readonly network?: InstallNetwork
}

/** What a build tells and heeds. */
export interface ImageBuildContext {
  readonly signal: AbortSignal
  /** One line of the build log. */
  readonly log: (line: string) => void
}

/** What the engine says of an image in a list. */
interface Listed {
  readonly Id: string
  readonly RepoTags?: readonly string[] | null | undefined
}

/** npm names a file that is gone with its container. */
const NOISE = /^npm \S+ A complete log of this run can be found in:/

/**
 * The images of one gateway: the base image of each language with a library installed. What installs the same is
 * one image with several names, so that a library is installed once; the last name that goes takes the image along.
 */
export class Images {
  readonly #options: ImagesOptions
  readonly #engine: Engine
  readonly #names: ImageNames
  /** The last of those that wait for an installation, by its key. */
  readonly #installing = new Map<string, Promise<void>>()

  constructor(options: ImagesOptions) {
    this.#options = options
    this.#engine = options.engine
    this.#names = new ImageNames(options.engine.identity.gateway)
  }

  /** The base image of a language, by name. */
  base(language: Language): string {
    return language === 'python' ? this.#options.pythonImage : this.#options.nodeImage
  }

  /** Whether a deployment needs an image of its own; else it runs on the base image. */
  needed(deployment: Deployment): boolean {
    return hasLibrary(deployment)
  }

  /** The name that `build` gives: it stays the same for a version, whenever it is built again. */
  reference(version: Version): string {
    return nameOf(this.#names.own(version))
  }

  /**
   * Sees to it that the engine has an image.
   * @returns its id
   * @throws RuntimeUnavailable when it is missing and cannot be pulled
   */
  ensure(name: string, signal: AbortSignal, log: (line: string) => void = () => {}): Promise<string> {
    const setting = name === this.#options.pythonImage ? 'FAAS_PYTHON_IMAGE' : 'FAAS_NODE_IMAGE'
    return ensureImage(this.#engine, { name, setting }, signal, log)
  }

  /**
   * Makes the image of a deployment with a library. Needs the deployment alone, so that it can be made again.
   * @throws BuildFailure, the signal's reason
   */
  async build(deployment: Deployment, context: ImageBuildContext): Promise<{ readonly reference: string }> {
    const { signal } = context
    const own = this.#names.own(deployment)
    try {
      const baseId = await this.ensure(this.base(deployment.type), signal, context.log)
      const recipe = await recipeFor(deployment, baseId, this.#options)
      const before = await this.#find(nameOf(own))
      await this.#alone(recipe.key, signal, () => this.#provide(deployment, baseId, recipe, context))
      signal.throwIfAborted()
      await this.#giveShortName(deployment)
      if (before !== null) await this.#dropNameless(before.Id)
      return { reference: nameOf(own) }
    } catch (error) {
      if (!signal.aborted) throw this.#explained(error)
      await this.remove(deployment).catch(() => undefined)
      throw signal.reason
    }
  }

  /** Removes the image of a version, but for what other versions need of it. */
  async remove(version: Version): Promise<void> {
    await this.#untag(nameOf(this.#names.own(version)))
    const short = nameOf(this.#names.short(version))
    const found = await this.#find(short)
    if (found?.gateway === this.#engine.identity.gateway) await this.#untag(short)
  }

  /** Removes the images that none of these deployments needs, and what builds of ended processes left. */
  async sweep(active: readonly Version[]): Promise<void> {
    const needed = new Set(active.map((version) => this.reference(version)))
    await this.#removeWhere((version) => !needed.has(this.reference(version)))
    await sweepBuilds(this.#engine)
    if (this.#installing.size > 0) return
    for (const { Id, RepoTags } of await this.#list()) {
      if (namesOf(RepoTags).length === 0) await this.#dropNameless(Id)
    }
  }

  /** Installs of one library go one after the other: the second finds what the first has made. */
  async #alone(key: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const before = this.#installing.get(key)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#installing.set(key, promise)
    try {
      await before
      signal.throwIfAborted()
      await work()
    } finally {
      resolve()
      if (this.#installing.get(key) === promise) this.#installing.delete(key)
    }
  }

  async #provide(
    deployment: Deployment,
    baseId: string,
    recipe: Recipe,
    { signal, log }: ImageBuildContext,
  ): Promise<void> {
    const name = this.#names.own(deployment)
    if (await this.#reuse(recipe, name)) {
      log('The library is unchanged and installed already')
      return
    }
    const certificate = await readCertificate(this.#options)
    const redact = redactor(this.#options)
    log('Installing the library')
    const failed = await install({
      engine: this.#engine,
      baseId,
      recipe,
      certificate,
      network: this.#options.network ?? null,
      name,
      signal,
      log: (line) => {
        if (!NOISE.test(line)) log(redact(line))
      },
    })
    if (failed === null) return
    const output = failed.output.map(redact)
    const { type: language } = deployment
    throw failureOf({ ...failed, output }, { language, base: this.base(language), indexSet: recipe.indexSet })
  }

  async #reuse({ key }: Recipe, { repo, tag }: ImageTag): Promise<boolean> {
    const [found] = await this.#list(`${INSTALL_LABEL}=${key}`)
    if (found === undefined) return false
    try {
      await this.#engine.docker.getImage(found.Id).tag({ repo, tag })
      return true
    } catch (error) {
      // Its last name was taken away in this moment.
      if (statusOf(error) === 404) return false
      throw error
    }
  }

  /** Leaves the name to another gateway that has it. */
  async #giveShortName(version: Version): Promise<void> {
    const { repo, tag } = this.#names.short(version)
    const found = await this.#find(nameOf({ repo, tag }))
    if (found !== null && found.gateway !== this.#engine.identity.gateway) return
    await this.#engine.docker.getImage(this.reference(version)).tag({ repo, tag })
  }

  async #removeWhere(condition: (version: Version) => boolean): Promise<void> {
    for (const { RepoTags } of await this.#list()) {
      for (const name of namesOf(RepoTags)) {
        const version = this.#names.parse(name)
        if (version !== null && condition(version)) await this.#untag(name)
      }
    }
  }

  async #list(...labels: string[]): Promise<Listed[]> {
    const label = [`faas.gateway=${this.#engine.identity.gateway}`, `faas.role=${LIBRARY_ROLE}`, ...labels]
    return await this.#engine.docker.listImages({ filters: JSON.stringify({ label }) })
  }

  async #find(
    name: string,
  ): Promise<{ Id: string; names: readonly string[]; gateway: string | null } | null> {
    try {
      const { Id, RepoTags, Config } = await this.#engine.docker.getImage(name).inspect()
      return { Id, names: namesOf(RepoTags), gateway: Config.Labels?.['faas.gateway'] ?? null }
    } catch (error) {
      if (statusOf(error) === 404) return null
      throw error
    }
  }

  /** Takes a name away, and the image with its last one. */
  async #untag(name: string): Promise<void> {
    try {
      await this.#engine.docker.getImage(name).remove({ force: true, noprune: true })
    } catch (error) {
      if (statusOf(error) !== 404) throw error
    }
  }

  /** An image that has lost its names, because a container was still made of it or another image took them. */
  async #dropNameless(id: string): Promise<void> {
    const found = await this.#find(id)
    if (found === null || found.names.length > 0) return
    try {
      await this.#engine.docker.getImage(id).remove({ noprune: true })
    } catch (error) {
      // 409: a container is still made of it; the next sweep finds it.
      if (statusOf(error) !== 404 && statusOf(error) !== 409) throw error
    }
  }

  #explained(error: unknown): unknown {
    const { code } = error as { code?: unknown }
    const ofEngine =
      error instanceof RuntimeUnavailable || statusOf(error) !== null || typeof code === 'string'
    if (error instanceof BuildFailure || !ofEngine) return error
    const { message, remedy } = this.#engine.explain(error)
    return new BuildFailure({
      code: 'runtime_unavailable',
      message: `Cannot install \`library\`: ${message}: ${remedy}`,
      step: 'install',
    })
  }
}

/** Old engines list what has no name as `<none>:<none>`. */
function namesOf(tags: readonly string[] | null | undefined): string[] {
  return (tags ?? []).filter((tag) => !tag.startsWith('<none>'))
}
