import { setTimeout as delay } from 'node:timers/promises'
import type Dockerode from 'dockerode'
import type { ContainerFacts, GatewayParts } from './examined.ts'

const GATEWAY = 'faas.gateway'
const OWNER = 'faas.owner'
/** How long CPU time is watched. Milliseconds. */
const WATCH_MS = 500
/** Each look costs the engine some milliseconds: beyond this number none is measured. */
const MEASURED = 64

interface Usage {
  readonly memoryBytes: number
  readonly cpuNs: number
  readonly at: number
}

/** What gateways have made on this engine, with what the running containers use. */
export async function gatewayParts(docker: Dockerode): Promise<GatewayParts> {
  const filters = { label: [GATEWAY] }
  const [containers, networks, images] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    docker.listImages({ filters }),
  ])
  const running = containers.filter(({ State }) => State === 'running').slice(0, MEASURED)
  const usages = await measure(docker, running)
  return {
    containers: containers.map((container) => containerOf(container, usages.get(container.Id))),
    networks: networks.map(({ Name, Labels }) => ({
      name: Name,
      gateway: Labels?.[GATEWAY] ?? '',
      owner: Labels?.[OWNER] ?? null,
    })),
    images: images.map(({ Id, Labels, Size }) => ({ id: Id, gateway: Labels?.[GATEWAY] ?? '', bytes: Size })),
  }
}

function containerOf(
  raw: Dockerode.ContainerInfo,
  usage: Pick<ContainerFacts, 'memoryBytes' | 'cpuPercent'> | undefined,
): ContainerFacts {
  return {
    id: raw.Id,
    name: raw.Names[0]?.replace(/^\//, '') ?? raw.Id,
    gateway: raw.Labels[GATEWAY] ?? '',
    owner: raw.Labels[OWNER] ?? null,
    role: raw.Labels['faas.role'] ?? null,
    state: raw.State,
    memoryBytes: usage?.memoryBytes ?? 0,
    cpuPercent: usage?.cpuPercent ?? 0,
  }
}

/** Two looks, a moment apart: the CPU time between them. */
async function measure(
  docker: Dockerode,
  containers: readonly Dockerode.ContainerInfo[],
): Promise<Map<string, Pick<ContainerFacts, 'memoryBytes' | 'cpuPercent'>>> {
  if (containers.length === 0) return new Map()
  const look = () => Promise.all(containers.map(({ Id }) => usageOf(docker, Id)))
  const before = await look()
  await delay(WATCH_MS)
  const after = await look()
  return new Map(
    containers.flatMap(({ Id }, index) => {
      const [first, last] = [before[index], after[index]]
      if (first == null || last == null) return []
      const cpuPercent = ((last.cpuNs - first.cpuNs) / ((last.at - first.at) * 1e6)) * 100
      return [[Id, { memoryBytes: last.memoryBytes, cpuPercent: Math.round(cpuPercent * 10) / 10 }] as const]
    }),
  )
}

/** Null when it has ended meanwhile. */
async function usageOf(docker: Dockerode, id: string): Promise<Usage | null> {
  try {
    const options = { stream: false, 'one-shot': true } as const
    const raw = await docker.getContainer(id).stats(options)
    const cache = raw.memory_stats.stats?.inactive_file ?? raw.memory_stats.stats?.total_inactive_file ?? 0
    return {
      memoryBytes: Math.max(0, (raw.memory_stats.usage ?? 0) - cache),
      cpuNs: raw.cpu_stats.cpu_usage?.total_usage ?? 0,
      at: performance.now(),
    }
  } catch {
    return null
  }
}
