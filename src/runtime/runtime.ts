import type { Artifact, Deployment } from '../domain/deployment.ts'
import type { ResolvedLimits } from '../domain/limits.ts'
import type { Exit, ExitReason, KillReason, LogLevel } from '../domain/outcome.ts'
import type { Language, RuntimeName } from '../domain/runtime-name.ts'
import type { HangUp } from './hang-up.ts'

/**
 * The seam: everything that can run a function is a `Runtime`, everything live is an `Instance` with a
 * `fetch`. How many instances live and how often one is reused is the pool's business, never a driver's.
 */
export interface Runtime extends AsyncDisposable {
  readonly name: RuntimeName
  readonly capabilities: Capabilities
  /** Can it be used here, and if not: why, and what to start. Answers within `signal`, never rejects. */
  probe(signal: AbortSignal): Promise<Availability>
  /** Makes a deployment ready to start, at deploy time. Throws `BuildFailure` with the author's coordinates. */
  prepare(deployment: Deployment, build: BuildContext): Promise<Artifact>
  /** Resolves when the instance can take a request. A boot failure rejects with `BootFailure`; it never hangs. */
  start(deployment: Deployment, options: StartOptions): Promise<Instance>
  /** Removes what `prepare` left outside of the artifact, such as an image: nothing runs for this version any more. */
  discard?(deployment: Deployment): Promise<void>
  /** Removes what processes before this one left behind, but for what these deployments need. */
  sweep?(active: readonly Deployment[]): Promise<void>
}

export interface Instance extends AsyncDisposable {
  readonly id: string
  /**
   * One call. Resolves at the answer's head, the body still streaming. Rejects with `FunctionFailure` when
   * the function is to blame, with `InstanceGone` when the sandbox ended for a reason that is not this call's.
   */
  fetch(request: Request, call: Call): Promise<Response>
  /**
   * Ends one call alone, where the sandbox can: true when what ran it is really gone and all else lives; false
   * when nothing was ended, so that the whole instance must be closed. `fetch` rejects as it may.
   */
  endCall?(call: Call, reason: KillReason): Promise<boolean>
  /** Ends the sandbox; resolves only when it is really gone. Calls in flight fail with the same reason. */
  close(reason: ExitReason, detail?: string): Promise<Exit>
  /** Settles once, never rejects: why it ended and what it used. */
  readonly exited: Promise<Exit>
  /** The newest figures the driver has; cheap. */
  usage(): Usage
}

/** How hard a limit is here. `hard`: enforced by the driver. `none`: the runtime has no such limit. */
export type LimitKind = 'hard' | 'none'

export interface Capabilities {
  readonly languages: readonly Language[]
  readonly streaming: boolean
  readonly memory: LimitKind
  readonly cpu: LimitKind
  /** A busy loop can be ended without ending anything else. */
  readonly interrupt: LimitKind
  /** The function's `fetch` goes through the gateway's egress policy. */
  readonly egress: LimitKind
  /**
   * Where a library is installed. `bundle`: by the gateway, for the bundler. `image`: by `prepare`, into an image of
   * the deployment.
   */
  readonly library: 'bundle' | 'image'
}

export type Availability =
  | { readonly ready: true; readonly detail: string }
  | { readonly ready: false; readonly reason: string; readonly remedy: string }

/** What one call carries besides the request itself. */
export interface Call {
  readonly requestId: string
  readonly pathParameters: Readonly<Record<string, string>>
  /** Path of the callback, without leading slash, as the event shows it. */
  readonly path: string
  readonly sourceIp: string
  /** Epoch milliseconds. */
  readonly deadline: number
  /** The request's body where it is known whole (null: there is none); undefined: stream it from the request. */
  readonly body: Uint8Array | null | undefined
  /** The request's headers, lower case, where the host has them cheaper than `request.headers`. */
  readonly headers?: readonly (readonly [string, string])[]
  readonly hangUp: HangUp
  /** How many functions of this gateway called one another before this call: 0 for a caller from outside. */
  readonly depth: number
  /** Whether the function waits for the caller now: for a piece of the request's body. */
  starved?(): boolean
  /**
   * Makes the Response: a driver hands over what the function answered and resolves with what this gives.
   * @throws RangeError, TypeError when HTTP cannot carry it
   */
  respond(
    status: number,
    headers: readonly (readonly [string, string])[],
    body: Uint8Array | ReadableStream<Uint8Array> | null,
  ): Response
  /** Called once, when everything of this call has ended: body, `waitUntil`, or the instance itself. */
  settled(): void
}

export interface StartOptions {
  readonly id: string
  readonly artifact: Artifact
  readonly limits: ResolvedLimits
  readonly signal: AbortSignal
  /** Called for each line the function prints, in order, until the instance has exited. */
  readonly log: (line: InstanceLog) => void
  /** The gateway's side of the function's own `fetch` and `WebSocket`: it holds the egress policy. */
  readonly egress: Egress
}

/** The way out for one function. What it refuses, it refuses with a TypeError whose sentence is for the author. */
export interface Egress {
  /**
   * One hop: redirects are followed by the guest, so that each comes by here.
   * @param depth of the call that asks, as `Call.depth`
   */
  fetch(request: Request, depth: number): Promise<Response>
  /**
   * Opens a WebSocket; resolves when the handshake is done.
   * @param url `ws:` or `wss:`
   */
  connect(
    url: string,
    protocols: readonly string[],
    depth: number,
    signal: AbortSignal,
  ): Promise<OutboundSocket>
}

/** An open WebSocket of a function. Exactly one `close` event comes, as the last one. */
export interface OutboundSocket {
  /** The subprotocol and the extensions that the server chose, or empty. */
  readonly protocol: string
  readonly extensions: string
  /** Set by the owner before it returns to the event loop; nothing is lost before that. */
  onMessage: (data: string | Uint8Array) => void
  /** `clean`: the closing handshake was completed. */
  onClose: (code: number, reason: string, clean: boolean) => void
  /** Resolves when the message was handed to the network. */
  send(data: string | Uint8Array): Promise<void>
  /** Starts the closing handshake; without a code, with none. */
  close(code?: number, reason?: string): void
  /** No more messages are read from the network while `paused`. */
  pause(paused: boolean): void
  /** Ends it without a handshake. */
  terminate(): void
}

export interface InstanceLog {
  readonly request_id: string | null
  readonly level: LogLevel
  /** Epoch milliseconds. */
  readonly time: number
  readonly message: string
}

export interface Usage {
  readonly cpu_ms: number | null
  readonly memory_mb: number | null
  readonly peak_memory_mb: number | null
  /** Milliseconds that loading the author's module took. */
  readonly init_ms: number
}

/** What a driver may use while it prepares a deployment. */
export interface BuildContext {
  readonly signal: AbortSignal
  /** One line of the build log; it is streamed and kept. */
  readonly log: (line: string) => void
  /** Bundles the author's JavaScript with its installed library; throws `BuildFailure`. */
  readonly bundle: (deployment: Deployment, target: BundleTarget) => Promise<Artifact>
}

/** What the bundler must know about where the code will run. */
export interface BundleTarget {
  readonly runtime: RuntimeName
  /** Node built-ins come from a library where it has them; those it cannot offer fail the build. */
  readonly polyfillNode: boolean
  /** Packages of the library stay imports, resolved where the code runs; else they are part of the bundle. */
  readonly externalPackages: boolean
}
