/** What `docker version` says of the engine. */
export interface EngineVersion {
  readonly version: string
  readonly api: string
  /** The oldest API version that it still speaks. */
  readonly oldestApi: string
  readonly os: string
  readonly arch: string
  readonly kernel: string
}

/** What `docker info` says that matters to functions. */
export interface EngineInfo {
  readonly os: string
  readonly system: string
  readonly storageDriver: string
  readonly backingFileSystem: string | null
  readonly cgroupVersion: string
  readonly cgroupDriver: string
  /** What containers can be limited in. */
  readonly memoryLimit: boolean
  readonly swapLimit: boolean
  readonly pidsLimit: boolean
  readonly cpuLimit: boolean
  readonly rootless: boolean
  readonly userNamespaces: boolean
  readonly seccomp: boolean
  readonly warnings: readonly string[]
  /** A folder of the engine's machine. */
  readonly dataRoot: string
  readonly cores: number
  readonly memoryBytes: number
  /** Where subnets of new networks are taken from; empty: the engine's own. */
  readonly pools: readonly { readonly base: string; readonly size: number }[]
}

/** Bytes, as `docker system df` counts them. */
export interface DiskUsage {
  readonly images: number
  readonly containers: number
  readonly volumes: number
  readonly buildCache: number
}

export interface ImageFacts {
  readonly id: string
  readonly bytes: number
  readonly os: string
  readonly arch: string
  readonly created: string
}

export interface NetworkFacts {
  readonly name: string
  readonly driver: string
  /** The gateway that made it; null where it is none of ours. */
  readonly gateway: string | null
  readonly subnets: readonly string[]
}

/** A container that a gateway has made. */
export interface ContainerFacts {
  readonly id: string
  readonly name: string
  readonly gateway: string
  /** `hostname:pid:nonce` of the process. */
  readonly owner: string | null
  /** `waiting`, `function`, `install`, … */
  readonly role: string | null
  readonly state: string
  readonly memoryBytes: number
  /** Of one core. */
  readonly cpuPercent: number
}

/** Everything on an engine that gateways have made. */
export interface GatewayParts {
  readonly containers: readonly ContainerFacts[]
  readonly networks: readonly {
    readonly name: string
    readonly gateway: string
    readonly owner: string | null
  }[]
  readonly images: readonly { readonly id: string; readonly gateway: string; readonly bytes: number }[]
}
