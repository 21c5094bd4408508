import type { Callback, CallbackInput, CallbackStatus, Chat, ChatRole, Chatroom } from '../domain/callback.ts'
import type {
  Artifact,
  BuildError,
  BuildStep,
  DeploymentRecord,
  DeploymentStatus,
} from '../domain/deployment.ts'
import type { Exit, Invocation, LogLine } from '../domain/outcome.ts'
import type { CType } from '../domain/runtime-name.ts'

/**
 * The ports of the database, which is the truth: route tables, pools and caches are rebuilt from it.
 * Every method is durable when it resolves. None is on the hot path.
 */
export interface Store extends AsyncDisposable {
  readonly callbacks: CallbackStore
  readonly chatrooms: ChatroomStore
  readonly deployments: DeploymentStore
  readonly artifacts: ArtifactStore
  readonly records: RecordStore
  /** Where the data is, for people: a path or a server's address without its token. */
  readonly location: string
  /** Counts up with every change to callbacks or deployments, by whichever replica. Cheap; polled. */
  revision(): Promise<number>
  /** Rejects when the database does not answer. */
  ping(): Promise<void>
}

/** The (path, method) of a callback is taken. */
export class PathTaken extends Error {
  override readonly name = 'PathTaken'
  readonly callback_id: number
  constructor(callback_id: number) {
    super(`callback ${callback_id} has that path and method`)
    this.callback_id = callback_id
  }
}

/** A build of that callback is running. */
export class BuildRunning extends Error {
  override readonly name = 'BuildRunning'
}

/** A row that the write refers to does not exist. */
export class NotFound extends Error {
  override readonly name = 'NotFound'
  readonly what: 'callback' | 'chatroom'
  constructor(what: 'callback' | 'chatroom') {
    super(`${what} does not exist`)
    this.what = what
  }
}

/** The database refused or did not answer. The message is for people and names no data; `cause` is the raw error. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  /** What the database or the client called it, such as `SQLITE_FULL`; empty where it had no name. */
  readonly code: string

  constructor(message: string, code: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

export interface CallbackStore {
  /**
   * When `chat_id` is set, the chatroom's `callback_id` is set to the new callback in the same transaction.
   * @throws PathTaken, NotFound('chatroom')
   */
  create(input: CallbackInput, id?: number): Promise<Callback>
  get(id: number): Promise<Callback | null>
  /** In order of id, without `code` (an empty string stands for it). */
  list(): Promise<Callback[]>
  /** @throws PathTaken, NotFound */
  update(id: number, patch: Partial<CallbackInput>): Promise<Callback>
  /**
   * Deletes it with its deployments, logs, invocations and exits; chatrooms that name it name none.
   * Refused while its status is `build`. @throws BuildRunning, NotFound
   */
  delete(id: number, options?: { force?: boolean }): Promise<void>
}

export interface ChatroomStore {
  /** @throws NotFound('callback') */
  create(input: { title: string; callback_id: number | null }): Promise<Chatroom>
  get(id: number): Promise<Chatroom | null>
  list(): Promise<Chatroom[]>
  /** @throws NotFound */
  update(id: number, patch: { title?: string; callback_id?: number | null }): Promise<Chatroom>
  /** Ids of the callbacks that go with a chatroom: the one it names and those whose `chat_id` names it. */
  callbacksOf(id: number): Promise<number[]>
  /** Deletes it and its chats; the callbacks are the caller's business. @throws NotFound */
  delete(id: number): Promise<void>
  /** @throws NotFound('chatroom') */
  addChat(id: number, chat: { role: ChatRole; content: string }): Promise<Chat>
  /** In order. @throws NotFound('chatroom') */
  chats(id: number): Promise<Chat[]>
}

/** Who builds, and until when that claim holds (epoch ms). */
export type BuildClaim = Pick<DeploymentRecord, 'owner' | 'lease_until'>

export interface DeploymentStore {
  /**
   * Opens a build: a new version with a copy of what the callback is now, and the callback's status `build`,
   * in one transaction. @throws NotFound, BuildRunning when one is open whose lease has not run out
   */
  open(
    callbackId: number,
    as: { runtime: DeploymentRecord['runtime']; c_type: CType; owner: string; lease_until: number },
  ): Promise<DeploymentRecord>
  /** Records that a step was entered, or what became known (runtime, artifact, timings), and renews the lease. */
  progress(
    callbackId: number,
    version: number,
    patch: Partial<
      Pick<DeploymentRecord, 'step' | 'artifact' | 'runtime' | 'timings' | 'lease_until' | 'owner'>
    >,
  ): Promise<void>
  /**
   * Makes a lost build another owner's: only while it is open and still says `from`. Of several that try, one
   * succeeds and hears true.
   */
  takeOver(callbackId: number, version: number, from: BuildClaim, to: BuildClaim): Promise<boolean>
  /**
   * Ends a build well: this version `active`, the one before it `retired`, the callback `deployed` at this
   * version, in one transaction. Answers false, changing nothing, when the callback is gone or the build is
   * no longer open under this owner.
   */
  activate(
    callbackId: number,
    version: number,
    owner: string,
    timings: DeploymentRecord['timings'],
  ): Promise<boolean>
  /** Ends a build badly: this version `failed`, the callback `failed`; what served before keeps serving. */
  fail(
    callbackId: number,
    version: number,
    error: BuildError,
    timings: DeploymentRecord['timings'],
  ): Promise<void>
  /** Undeploys: the active version `retired`, the callback `undeployed` at version null. @throws NotFound, BuildRunning */
  retire(callbackId: number): Promise<Callback>
  setStatus(callbackId: number, status: CallbackStatus): Promise<void>
  get(callbackId: number, version: number): Promise<DeploymentRecord | null>
  /** Newest first, without `code`. */
  list(callbackId: number): Promise<DeploymentRecord[]>
  /** Every deployment that serves now: status `active`. Without `code`; the artifact holds what runs. */
  active(): Promise<DeploymentRecord[]>
  /** Builds whose record still says `build`, by any owner. */
  open_builds(): Promise<DeploymentRecord[]>
  /** The newest deployment of a callback that has an artifact and this very `library`, to reuse its lock. */
  withLibrary(callbackId: number, library: string): Promise<DeploymentRecord | null>
  appendLog(callbackId: number, version: number, lines: readonly string[]): Promise<void>
  /** The kept build log, oldest line first; null when there is no such version. */
  log(callbackId: number, version: number): Promise<string[] | null>
}

export interface ArtifactStore {
  /** Idempotent: the digest is the key. */
  put(artifact: Artifact): Promise<void>
  get(digest: string): Promise<Artifact | null>
  /** Deletes artifacts that no deployment names any more; answers how many. */
  sweep(): Promise<number>
}

/** What is written in batches, bounded per callback, and read by people. */
export interface RecordStore {
  addInvocations(rows: readonly Invocation[]): Promise<void>
  /** Newest first. */
  invocations(callbackId: number, limit: number): Promise<Invocation[]>
  addLogs(rows: readonly LogLine[]): Promise<void>
  /** Oldest first: the last `limit` lines, or those after `after`. */
  logs(callbackId: number, options: { limit: number; after?: number }): Promise<(LogLine & { id: number })[]>
  addExits(rows: readonly InstanceExit[]): Promise<void>
  /** Newest first. */
  exits(callbackId: number, limit: number): Promise<InstanceExit[]>
  /** Trims every table to its bound per callback. */
  trim(bounds: { invocations: number; logs: number; exits: number }): Promise<void>
}

/** A line that an instance printed before its end. */
export type LastLine = Pick<LogLine, 'request_id' | 'level' | 'time' | 'message'>

/** A row of the death ledger. */
export interface InstanceExit extends EndedInstance {
  /** What it printed last, oldest first: a few lines, cut where they are long. */
  readonly last_logs: readonly LastLine[]
}

/** An instance that has ended, and how. */
export interface EndedInstance extends Exit {
  readonly instance_id: string
  readonly callback_id: number
  readonly version: number
  readonly runtime: string
  readonly last_request_id: string | null
  readonly requests: number
  readonly started_at: string
  readonly ended_at: string
}

export type { BuildStep, DeploymentStatus }
