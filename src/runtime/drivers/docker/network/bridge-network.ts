import { getServers } from 'node:dns'
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type Dockerode from 'dockerode'
import { type Network as Range, readAddress } from '../../../../domain/addresses.ts'
import { type Engine, statusOf } from '../engine/engine.ts'
import { isUsable, type Surroundings } from './ways-out.ts'

/** Where systemd keeps the resolvers behind its own, which containers cannot ask. */
const SYSTEMD_RESOLV = '/run/systemd/resolve/resolv.conf'

/** Containers that have ended are still on it for a moment. Milliseconds between tries. */
const REMOVE_TRIES = 20
const REMOVE_AGAIN = 100

/** The bridge that containers with egress are on: no packet goes from one to another. */
export class BridgeNetwork {
  readonly #engine: Engine
  readonly #name: string
  #made: Promise<void> | null = null

  constructor(engine: Engine) {
    this.#engine = engine
    this.#name = `faas-${engine.identity.gateway}`
  }

  /** Its name, once it is there. @throws the engine's own error */
  async name(): Promise<string> {
    this.#made ??= this.#make()
    try {
      await this.#made
    } catch (error) {
      this.#made = null
      throw error
    }
    return this.#name
  }

  /** It was removed by someone: it is made again for the next container. */
  forget(): void {
    this.#made = null
  }

  /** What stands around the containers, for the rules that close the ways to it. */
  async surroundings(): Promise<Surroundings> {
    const networks = await this.#engine.docker.listNetworks()
    const subnets = networks.filter(({ Name }) => Name === this.#name).flatMap(subnetsOf)
    const host = [...networks.flatMap(gatewaysOf), ...ownAddresses()]
    const unique = new Map(host.map((range) => [range.address.join('.'), range]))
    return { subnets, host: [...unique.values()], resolvers: resolvers() }
  }

  /** Removes it, unless it is asked for again meanwhile. @throws the engine's own error */
  async remove(): Promise<void> {
    this.#made = null
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#engine.docker.getNetwork(this.#name).remove()
      } catch (error) {
        const status = statusOf(error)
        if (status === null) throw error
        // Containers are on it: they are on their way out, or another process of this gateway has them.
        if (status !== 403 || attempt === REMOVE_TRIES) return
      }
      await delay(REMOVE_AGAIN)
      if (this.#made !== null) return
    }
  }

  async #make(): Promise<void> {
    const { docker } = this.#engine
    try {
      await docker.createNetwork({
        Name: this.#name,
        CheckDuplicate: true,
        Driver: 'bridge',
        // The rules are for IPv4 alone.
        EnableIPv6: false,
        Labels: this.#engine.labels({}),
        Options: { 'com.docker.network.bridge.enable_icc': 'false' },
      })
    } catch (error) {
      if (statusOf(error) !== 409) throw error
    }
  }
}

function subnetsOf({ IPAM }: Dockerode.NetworkInspectInfo): Range[] {
  return (IPAM?.Config ?? []).flatMap(({ Subnet }) => {
    const [text = '', bits] = (Subnet ?? '').split('/')
    const address = readAddress(text)
    return address?.length === 4 ? [{ address, bits: Number(bits) }] : []
  })
}

/** The addresses that the machine of the engine has on its networks. */
function gatewaysOf({ IPAM }: Dockerode.NetworkInspectInfo): Range[] {
  return (IPAM?.Config ?? []).flatMap(({ Gateway }) => singles([Gateway ?? '']))
}

/** Those of the gateway's machine: mostly the same one. */
function ownAddresses(): Range[] {
  return singles(
    Object.values(networkInterfaces()).flatMap((list = []) => list.map(({ address }) => address)),
  )
}

function singles(texts: readonly string[]): Range[] {
  return texts.flatMap((text) => {
    const address = readAddress(text)
    return address !== null && isUsable(address) ? [{ address, bits: 32 }] : []
  })
}

function resolvers(): (readonly number[])[] {
  const texts = [...getServers(), ...systemdResolvers()]
  return texts.flatMap((text) => [readAddress(text) ?? []]).filter(isUsable)
}

function systemdResolvers(): string[] {
  try {
    const text = readFileSync(SYSTEMD_RESOLV, 'utf8')
    return [...text.matchAll(/^nameserver\s+(\S+)/gm)].map((match) => match[1]!)
  } catch {
    return []
  }
}
