import { createHash } from 'node:crypto'
import type { Deployment } from '../../../../domain/deployment.ts'

/** What an image is for: one version of one callback. */
export type Version = Pick<Deployment, 'callback_id' | 'version'>

/** A repository and a tag, as the engine takes them. */
export interface ImageTag {
  readonly repo: string
  readonly tag: string
}

/** The label that tells images with the same installation: the same library, base image and settings. */
export const INSTALL_LABEL = 'faas.install'

/** What images of one gateway are called. */
export class ImageNames {
  readonly #prefix: string

  /** @param gateway any text that tells gateways on one engine apart */
  constructor(gateway: string) {
    const slug = /^[a-z0-9]{1,40}$/.test(gateway)
      ? gateway
      : createHash('sha256').update(gateway).digest('hex').slice(0, 12)
    this.#prefix = `faas-${slug}/`
  }

  /** The name that functions are started from: no other gateway on the engine uses it. */
  own(version: Version): ImageTag {
    return { repo: `${this.#prefix}callback_${version.callback_id}`, tag: String(version.version) }
  }

  /** The short name for people. Several gateways may want it; whoever comes first has it, and nothing depends on it. */
  short(version: Version): ImageTag {
    return { repo: `callback_${version.callback_id}`, tag: String(version.version) }
  }

  /** Which version one of the names of an image is for; null when it is a name of somebody else's. */
  parse(name: string): Version | null {
    const rest = name.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : name
    const match = /^callback_(\d{1,16}):(\d{1,16})$/.exec(rest)
    return match === null ? null : { callback_id: Number(match[1]), version: Number(match[2]) }
  }
}

/** `repository:tag`, as people write it. */
export function nameOf({ repo, tag }: ImageTag): string {
  return `${repo}:${tag}`
}
