import type Dockerode from 'dockerode'
import type { DockerOptions } from 'dockerode'
import type { DiskUsage, EngineInfo, EngineVersion, ImageFacts, NetworkFacts } from './examined.ts'
import { gatewayParts } from './gateway-parts.ts'
import { type Trial, type TrialOptions, tryContainer } from './try-container.ts'

/** Looks at an engine and tells plain data; nothing of it is changed. */
export interface EngineExaminer {
  /** @throws the engine's own error, or that of the way to it */
  version(): Promise<EngineVersion>
  info(): Promise<EngineInfo>
  diskUsage(): Promise<DiskUsage>
  /** Null where the engine has no such image. */
  image(name: string): Promise<ImageFacts | null>
  /** Whether the registry of an image has it, as the engine sees it; what it said when not. */
  offered(name: string): Promise<true | string>
  networks(): Promise<NetworkFacts[]>
  /** What gateways have made here, whichever they are. */
  gatewayParts(): ReturnType<typeof gatewayParts>
  /** Runs a short program in a container as shut as a function's; it is gone afterwards. */
  tryContainer(options: TrialOptions): Promise<Trial>
}

/**
 * Connects to an engine; nothing is asked yet.
 * @param options of `engineAddress`
 */
export async function examineEngine(options: DockerOptions): Promise<EngineExaminer> {
  const { default: Docker } = await import('dockerode')
  const docker = new Docker(options)
  return {
    version: async () => versionOf(await docker.version()),
    info: async () => infoOf((await docker.info()) as RawInfo),
    diskUsage: async () => diskUsageOf((await docker.df()) as RawUsage),
    image: (name) => imageOf(docker, name),
    offered: (name) => offered(docker, name),
    networks: async () => (await docker.listNetworks()).map(networkOf),
    gatewayParts: () => gatewayParts(docker),
    tryContainer: (trial) => tryContainer(docker, trial),
  }
}

function versionOf(raw: Dockerode.DockerVersion): EngineVersion {
  return {
    version: raw.Version,
    api: raw.ApiVersion,
    oldestApi: raw.MinAPIVersion,
    os: raw.Os,
    arch: raw.Arch,
    kernel: raw.KernelVersion,
  }
}

interface RawInfo {
  readonly ServerVersion: string
  readonly OSType: string
  readonly OperatingSystem: string
  readonly Driver: string
  readonly DriverStatus?: readonly (readonly [string, string])[]
  readonly CgroupVersion?: string
  readonly CgroupDriver?: string
  readonly MemoryLimit?: boolean
  readonly SwapLimit?: boolean
  readonly PidsLimit?: boolean
  readonly CpuCfsQuota?: boolean
  readonly SecurityOptions?: readonly string[] | null
  readonly Warnings?: readonly string[] | null
  readonly DockerRootDir: string
  readonly NCPU: number
  readonly MemTotal: number
  readonly DefaultAddressPools?: readonly { readonly Base: string; readonly Size: number }[] | null
}

function infoOf(raw: RawInfo): EngineInfo {
  const security = (raw.SecurityOptions ?? []).map((option) => /name=([^,]+)/.exec(option)?.[1] ?? option)
  const backing = raw.DriverStatus?.find(([name]) => /backing filesystem/i.test(name))?.[1]
  return {
    os: raw.OSType,
    system: raw.OperatingSystem,
    storageDriver: raw.Driver,
    backingFileSystem: backing ?? null,
    cgroupVersion: raw.CgroupVersion ?? '1',
    cgroupDriver: raw.CgroupDriver ?? '',
    // An engine that does not say so is one that always has it.
    memoryLimit: raw.MemoryLimit ?? true,
    swapLimit: raw.SwapLimit ?? true,
    pidsLimit: raw.PidsLimit ?? true,
    cpuLimit: raw.CpuCfsQuota ?? true,
    rootless: security.includes('rootless'),
    userNamespaces: security.includes('userns'),
    seccomp: security.includes('seccomp'),
    warnings: raw.Warnings ?? [],
    dataRoot: raw.DockerRootDir,
    cores: raw.NCPU,
    memoryBytes: raw.MemTotal,
    pools: (raw.DefaultAddressPools ?? []).map(({ Base, Size }) => ({ base: Base, size: Size })),
  }
}

/** Engines from API 1.52 on tell sums, those before it lists. */
interface RawUsage {
  readonly LayersSize?: number
  readonly Images?: readonly { readonly Size?: number; readonly Containers?: number }[] | null
  readonly Containers?: readonly { readonly SizeRw?: number }[] | null
  readonly Volumes?: readonly { readonly UsageData?: { readonly Size: number } }[] | null
  readonly BuildCache?: readonly { readonly Size?: number; readonly InUse?: boolean }[] | null
  readonly ImageUsage?: RawSum
  readonly ContainerUsage?: RawSum
  readonly VolumeUsage?: RawSum
  readonly BuildCacheUsage?: RawSum
}

interface RawSum {
  readonly TotalSize?: number
}

function diskUsageOf(raw: RawUsage): DiskUsage {
  const sum = (sizes: readonly (number | undefined)[] | undefined): number =>
    (sizes ?? []).reduce<number>((total, size) => total + Math.max(0, size ?? 0), 0)
  return {
    images: raw.ImageUsage?.TotalSize ?? raw.LayersSize ?? sum(raw.Images?.map(({ Size }) => Size)),
    containers: raw.ContainerUsage?.TotalSize ?? sum(raw.Containers?.map(({ SizeRw }) => SizeRw)),
    volumes: raw.VolumeUsage?.TotalSize ?? sum(raw.Volumes?.map(({ UsageData }) => UsageData?.Size)),
    buildCache: raw.BuildCacheUsage?.TotalSize ?? sum(raw.BuildCache?.map(({ Size }) => Size)),
  }
}

async function imageOf(docker: Dockerode, name: string): Promise<ImageFacts | null> {
  try {
    const raw = await docker.getImage(name).inspect()
    return { id: raw.Id, bytes: raw.Size, os: raw.Os, arch: raw.Architecture, created: raw.Created }
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return null
    throw error
  }
}

async function offered(docker: Dockerode, name: string): Promise<true | string> {
  try {
    await docker.getImage(name).distribution()
    return true
  } catch (error) {
    const { json, message } = error as { json?: { message?: string }; message: string }
    return json?.message ?? message
  }
}

function networkOf(raw: Dockerode.NetworkInspectInfo): NetworkFacts {
  return {
    name: raw.Name,
    driver: raw.Driver,
    gateway: raw.Labels?.['faas.gateway'] ?? null,
    subnets: (raw.IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
  }
}
