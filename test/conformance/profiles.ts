/** What a runtime is to the table: where the contract leaves it a choice, and nothing else. */
export interface Profile {
  /** As people call it. */
  readonly name: string
  /** As `requestContext.runtime` shows it. */
  readonly runtime: string
  readonly cType: string
  readonly language: 'node' | 'python'
  /**
   * Limits that it enforces besides time. The contract's `kill.reason` names memory and CPU; a Deno process has V8's
   * limit on the heap alone, and tells no reason.
   */
  readonly hard: readonly ('memory' | 'cpu')[]
  /** The least memory that an instance starts and answers with: a container's limit holds for its runner, too. */
  readonly leastMemoryMb: number
  /**
   * What a call takes along when it is ended. The contract wants that whatever it ran is really gone; all that one
   * isolate or one Node process holds goes with it, while a Python container has a process for each call.
   */
  readonly killed: 'instance' | 'call'
  /**
   * Whose network it is. In an isolate and a worker `fetch` is the gateway's, which tells why it refuses; a container
   * has a network of its own, whose closed ways look like any that lead nowhere.
   */
  readonly network: 'gateway' | 'own'
  /**
   * How many times longer the limits of calls are that are to be passed: a container that takes the place of another
   * one is started within the call.
   */
  readonly pace: number
  /** A container runs a process of the author's, which that can end; the others have none to end. */
  readonly hasProcess: boolean
  /** The gateway's guest brings EventSource along; in a container the globals are Node's, which keeps it behind a flag. */
  readonly hasEventSource: boolean
}

const ISOLATED = {
  cType: 'isolate',
  language: 'node',
  leastMemoryMb: 32,
  killed: 'instance',
  network: 'gateway',
  pace: 1,
  hasProcess: false,
  hasEventSource: true,
} as const

const CONTAINED = {
  runtime: 'docker',
  cType: 'docker',
  hard: ['memory', 'cpu'],
  network: 'own',
  pace: 8,
  hasProcess: true,
  hasEventSource: false,
} as const

export const ISOLATE: Profile = { ...ISOLATED, name: 'isolate', runtime: 'isolate', hard: ['memory', 'cpu'] }

export const WORKER: Profile = { ...ISOLATED, name: 'worker', runtime: 'worker', hard: [] }

export const DOCKER_NODE: Profile = {
  ...CONTAINED,
  name: 'docker-node',
  language: 'node',
  leastMemoryMb: 96,
  killed: 'instance',
}

export const DOCKER_PYTHON: Profile = {
  ...CONTAINED,
  name: 'docker-python',
  language: 'python',
  leastMemoryMb: 32,
  killed: 'call',
}

export const PROFILES: readonly Profile[] = [ISOLATE, WORKER, DOCKER_NODE, DOCKER_PYTHON]
