import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import * as path from 'node:path'
import type { EngineExaminer } from '../../../../runtime/drivers/docker/doctor/examine.ts'
import type { ContainerFacts, GatewayParts } from '../../../../runtime/drivers/docker/doctor/examined.ts'
import { isKnownDead } from '../../../../runtime/owner.ts'
import type { Check } from '../../check.ts'
import { type Facts, ok, type Verdict, warn } from '../../finding.ts'
import type { Surroundings } from '../../surroundings.ts'
import { bytes, count } from '../../units.ts'

const SHOWN = 5

/** What gateways have on the engine, whose it is, what it uses, and what was left behind. */
export function gatewaysCheck({ config }: Surroundings, engine: EngineExaminer): Check {
  return {
    id: 'docker.gateways',
    part: 'docker',
    about: 'the containers of gateways',
    late: (what) => warn(what, 'see what else the engine is doing: "docker stats"'),
    async run() {
      const parts = await engine.gatewayParts()
      const own = await readFile(path.join(config.dataDir, 'gateway-id'), 'utf8').catch(() => '')
      return { verdict: uses(parts, own.trim()), beside: { orphans: orphans(parts) } }
    },
  }
}

function uses(parts: GatewayParts, own: string): Verdict {
  const ids = new Set([...parts.containers, ...parts.networks, ...parts.images].map(({ gateway }) => gateway))
  const gateways = [...ids].map((id) => summary(parts, id, id === own))
  const facts = { this: own === '' ? null : own, gateways }
  if (gateways.length === 0) return ok('gateways: nothing of any on this engine', facts)
  const lines = gateways.slice(0, SHOWN).map((one) => {
    const name = one.this ? 'this one' : `"${one.gateway}"`
    return (
      `${name} has ${count(one.containers, 'container')} with ${bytes(one.memory_bytes)} and ` +
      `${one.cpu_percent} % of a core, ${count(one.images, 'image')}`
    )
  })
  const more = gateways.length > SHOWN ? [`${gateways.length - SHOWN} more`] : []
  return ok(`gateways: ${[...lines, ...more].join('; ')}`, facts)
}

function summary(parts: GatewayParts, gateway: string, isThis: boolean) {
  const containers = parts.containers.filter((container) => container.gateway === gateway)
  const images = parts.images.filter((image) => image.gateway === gateway)
  const sum = (numbers: readonly number[]) => numbers.reduce((total, next) => total + next, 0)
  const roles = Map.groupBy(containers, ({ role }) => role ?? 'unknown')
  return {
    gateway,
    this: isThis,
    containers: containers.length,
    roles: Object.fromEntries([...roles].map(([role, list]) => [role, list.length])),
    owners: [...new Set(containers.flatMap(({ owner }) => owner ?? []))],
    memory_bytes: sum(containers.map(({ memoryBytes }) => memoryBytes)),
    cpu_percent: Math.round(sum(containers.map(({ cpuPercent }) => cpuPercent)) * 10) / 10,
    images: images.length,
    image_bytes: sum(images.map((image) => image.bytes)),
    networks: parts.networks.filter((network) => network.gateway === gateway).length,
  } satisfies Facts
}

/** What belongs to a process of this machine that is gone. */
function orphans({ containers, networks }: GatewayParts): Verdict {
  const self = `${hostname()}:${process.pid}:doctor`
  const dead = (owner: string | null) => owner !== null && isKnownDead(owner, self)
  const left = containers.filter(({ owner }) => dead(owner))
  const inUse = new Set(containers.filter(({ owner }) => !dead(owner)).map(({ gateway }) => gateway))
  const unused = networks.filter(({ owner, gateway }) => dead(owner) && !inUse.has(gateway))
  const facts = {
    containers: left.map(({ name, gateway, owner, role, state }) => ({ name, gateway, owner, role, state })),
    networks: unused.map(({ name, gateway, owner }) => ({ name, gateway, owner })),
  }
  if (left.length === 0) return ok('gateways: no container was left behind', facts)
  return warn(
    `gateways: ${count(left.length, 'container')} of processes that have ended: ${names(left)}`,
    `start their gateway again, it removes them, or: docker rm -f ${names(left)}`,
    facts,
  )
}

function names(containers: readonly ContainerFacts[]): string {
  const shown = containers.slice(0, SHOWN).map(({ name }) => name)
  return `${shown.join(' ')}${containers.length > SHOWN ? ' …' : ''}`
}
