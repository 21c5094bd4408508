import type { ResolvedLimits } from '../domain/limits.ts'
import type { Exit, ExitReason, StartKind } from '../domain/outcome.ts'
import { GatewayError } from '../errors.ts'
import type { Capacity, Claim, Evictable } from './capacity.ts'
import { BootFailure, RuntimeUnavailable } from './failures.ts'
import type { HangUp } from './hang-up.ts'
import type { Instance } from './runtime.ts'
import { Slot } from './slot.ts'

/** What a pool needs from outside: how an instance is made, and who hears of its end. */
export interface PoolOptions {
  /** For messages. */
  readonly name: string
  readonly callbackId: number
  readonly limits: ResolvedLimits
  /** Calls that may wait. */
  readonly queueLimit: number
  readonly capacity: Capacity
  /** Its instances count in the memory budget of `capacity`. */
  readonly budgeted: boolean
  readonly start: (id: string, signal: AbortSignal) => Promise<Instance>
  readonly newId: () => string
  readonly onExit: (slot: Slot, exit: Exit) => void
  readonly onStart?: (ok: boolean, ms: number) => void
}

/** A call's hold on an instance. */
export interface Lease {
  readonly slot: Slot
  readonly instance: Instance
  readonly start: StartKind
  readonly queueMs: number
  readonly startMs: number
}

interface Waiter {
  readonly since: number
  readonly resolve: (lease: Lease) => void
  readonly reject: (error: Error) => void
}

/** After a start failed, further calls are refused at once for this long, doubled at each failure. Milliseconds. */
const BACKOFF_MS = 100
const BACKOFF_MAX_MS = 10_000
/** How long after an instance ended the pool is brought back to its minimum. Milliseconds. */
const REFILL_MS = 250
/** What an isolate takes beside its heap. MiB. */
const OVERHEAD_MB = 1
/** What it is taken to use before it has said so: a hello function takes 2. MiB. */
const NEWCOMER_MB = 3

/**
 * The instances of one deployment: cold against warm is decided here and nowhere else. One start serves as
 * many waiting calls as the instance takes at once, the queue is bounded, idle instances are reaped.
 */
export class Pool implements Evictable {
  readonly #options: PoolOptions
  readonly #slots = new Set<Slot>()
  #waiters: Waiter[] = []
  #starting = 0
  #retired: { reason: ExitReason; detail: string } | null = null
  #onEmpty: (() => void) | null = null
  #failures = 0
  #refuseUntil = 0
  #lastFailure: Error | null = null
  readonly #abort = new AbortController()

  constructor(options: PoolOptions) {
    this.#options = options
  }

  get slots(): ReadonlySet<Slot> {
    return this.#slots
  }

  get waiting(): number {
    return this.#waiters.length
  }

  /** The hot path: an instance with room, at once, or null. */
  tryAcquire(): Lease | null {
    const { limits } = this.#options
    if (this.#waiters.length > 0) return null
    let best: Slot | null = null
    for (const slot of this.#slots) {
      if (slot.hasRoom(limits.concurrency) && (best === null || slot.inFlight < best.inFlight)) best = slot
    }
    return best === null ? null : this.#lease(best, 'warm', 0, 0)
  }

  /**
   * Waits for an instance, starting one where that helps.
   * @throws GatewayError queue_full, queue_timeout, start_failed · BootFailure
   */
  acquire(deadline: number, hangUp: HangUp): Promise<Lease> {
    const { name, queueLimit, callbackId } = this.#options
    const now = Date.now()
    if (now < this.#refuseUntil && this.#lastFailure !== null) return Promise.reject(this.#lastFailure)
    if (this.#waiters.length >= queueLimit) {
      const detail = `Cannot call "${name}": ${this.#waiters.length} calls wait already, at most ${queueLimit} may: try again in a moment`
      return Promise.reject(
        new GatewayError('queue_full', detail, { retry_after: 1, callback_id: callbackId }),
      )
    }
    return new Promise<Lease>((resolve, reject) => {
      const leave = (error: Error) => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter)
        done()
        reject(error)
      }
      const timer = setTimeout(
        () => {
          const detail = `Cannot call "${name}": no instance became free within ${deadline - now} ms: raise limits.max_instances or call it less often`
          leave(new GatewayError('queue_timeout', detail, { retry_after: 1, callback_id: callbackId }))
        },
        Math.max(0, deadline - now),
      )
      const done = () => {
        clearTimeout(timer)
        hangUp.listener = null
      }
      const waiter: Waiter = {
        since: now,
        resolve: (lease) => {
          done()
          resolve(lease)
        },
        reject: (error) => {
          done()
          reject(error)
        },
      }
      this.#waiters.push(waiter)
      hangUp.listener = () =>
        leave(new GatewayError('client_closed', 'the caller hung up while the call waited'))
      this.#scale()
    })
  }

  /** Gives a lease back, once its call has really ended. */
  release(lease: Lease): void {
    const { slot } = lease
    slot.inFlight--
    if (slot.inFlight === 0) slot.idleSince = Date.now()
    if (slot.state === 'gone') return
    if (this.#options.limits.mode === 'job') {
      void slot.close('job_done', 'it took the one call that it was for')
      return
    }
    if (slot.state === 'draining' && slot.inFlight === 0) void slot.close(...this.#farewell())
    this.#serve()
  }

  /** Takes no more calls on this slot; what is in flight goes on. */
  quarantine(slot: Slot): void {
    if (slot.state === 'ready') slot.state = 'draining'
  }

  /** Starts one instance now, to see whether it starts: the boot step of a build. @throws BootFailure, RuntimeUnavailable */
  async boot(): Promise<void> {
    const slot = await this.#start()
    if (this.#options.limits.mode === 'job' && this.#options.limits.min_instances === 0) {
      await slot.close('idle', 'it was started only to see whether it starts')
    }
  }

  /** Brings the pool up to its minimum. */
  fill(): void {
    if (this.#retired !== null) return
    const missing = this.#options.limits.min_instances - this.#slots.size
    for (let index = 0; index < missing; index++) this.#start().catch(() => undefined)
  }

  /** Ends instances that have been idle for longer than `idle_ms`, down to the minimum. */
  reap(now: number): void {
    const { idle_ms, min_instances } = this.#options.limits
    let spare = this.#slots.size - min_instances
    for (const slot of this.#slots) {
      if (spare <= 0) return
      if (slot.state !== 'ready' || slot.inFlight > 0 || now - slot.idleSince < idle_ms) continue
      spare--
      void slot.close('idle', `it had no call for ${idle_ms} ms`)
    }
  }

  memoryMb(): number {
    if (!this.#options.budgeted) return 0
    let sum = 0
    for (const { instance } of this.#slots) sum += OVERHEAD_MB + (instance?.usage().memory_mb ?? NEWCOMER_MB)
    return sum
  }

  longestIdle(): Slot | null {
    let oldest: Slot | null = null
    if (this.#slots.size <= this.#options.limits.min_instances) return null
    for (const slot of this.#slots) {
      if (slot.state !== 'ready' || slot.inFlight > 0) continue
      if (oldest === null || slot.idleSince < oldest.idleSince) oldest = slot
    }
    return oldest
  }

  /**
   * Starts nothing more and ends each instance as soon as its calls have; after `graceMs` at once.
   * Resolves when every instance is really gone.
   */
  async retire(reason: ExitReason, detail: string, graceMs: number): Promise<void> {
    this.#retired ??= { reason, detail }
    for (const slot of this.#slots) {
      if (slot.state === 'ready') slot.state = 'draining'
      if (slot.inFlight === 0 && slot.state === 'draining' && this.#waiters.length === 0)
        void slot.close(reason, detail)
    }
    if (this.#slots.size === 0) return
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    const timer = setTimeout(() => {
      this.#abort.abort()
      for (const slot of this.#slots) void slot.close(reason, detail)
    }, graceMs)
    await empty
    clearTimeout(timer)
  }

  #farewell(): [ExitReason, string] {
    const { reason, detail } = this.#retired ?? { reason: 'evicted', detail: 'it was taken out of service' }
    return [reason as ExitReason, detail]
  }

  #lease(slot: Slot, start: StartKind, queueMs: number, startMs: number): Lease {
    const kind = start === 'warm' && slot.fresh ? 'prewarmed' : start
    slot.fresh = false
    slot.inFlight++
    slot.requests++
    return { slot, instance: slot.instance as Instance, start: kind, queueMs, startMs }
  }

  /** Starts instances while the waiting calls need more than those that are starting will give. */
  #scale(): void {
    const { concurrency, max_instances } = this.#options.limits
    while (this.#starting * concurrency < this.#waiters.length && this.#slots.size < max_instances) {
      this.#start().catch(() => undefined)
    }
  }

  #serve(coldSlot?: Slot): void {
    const { concurrency } = this.#options.limits
    for (const slot of coldSlot === undefined ? this.#slots : [coldSlot]) {
      while (this.#waiters.length > 0 && slot.hasRoom(concurrency)) {
        const waiter = this.#waiters.shift() as Waiter
        const waited = Date.now() - waiter.since
        if (coldSlot === undefined) waiter.resolve(this.#lease(slot, 'warm', waited, 0))
        else {
          const startMs = Math.min(waited, slot.startMs)
          waiter.resolve(this.#lease(slot, 'cold', waited - startMs, startMs))
        }
      }
    }
  }

  async #start(): Promise<Slot> {
    const slot = new Slot(this.#options.newId(), Date.now())
    this.#slots.add(slot)
    this.#options.capacity.enter(this)
    this.#starting++
    try {
      const claim = await this.#options.capacity.claim()
      if (claim !== 'granted') throw this.#full(claim)
    } catch (error) {
      this.#starting--
      this.#drop(slot)
      this.#failed(error)
      throw error
    }
    try {
      slot.instance = await this.#options.start(slot.id, this.#abort.signal)
    } catch (error) {
      this.#starting--
      this.#options.capacity.release()
      this.#options.onStart?.(false, Date.now() - slot.startedAt)
      this.#drop(slot)
      this.#failed(error)
      throw error
    }
    this.#ready(slot, slot.instance)
    return slot
  }

  #ready(slot: Slot, instance: Instance): void {
    this.#starting--
    this.#failures = 0
    this.#refuseUntil = 0
    slot.startMs = Date.now() - slot.startedAt
    slot.idleSince = Date.now()
    slot.state = 'ready'
    slot.fresh = true
    this.#options.onStart?.(true, slot.startMs)
    void instance.exited.then((exit) => {
      slot.state = 'gone'
      this.#options.capacity.release()
      this.#options.onExit(slot, exit)
      this.#drop(slot)
      this.#scale()
      // Not at once: an instance that ends as soon as it is up must not be started in a tight loop.
      setTimeout(() => this.fill(), REFILL_MS)
    })
    this.#serve(slot)
    if (this.#retired !== null && slot.inFlight === 0) void slot.close(...this.#farewell())
    else if (this.#retired !== null) slot.state = 'draining'
  }

  #drop(slot: Slot): void {
    slot.state = 'gone'
    this.#slots.delete(slot)
    if (this.#slots.size > 0) return
    this.#options.capacity.leave(this)
    this.#onEmpty?.()
  }

  /** A failed start fails the calls that wait for it, and, for a while, those that come next. */
  #failed(error: unknown): void {
    this.#failures++
    const backoff = Math.min(BACKOFF_MS * 2 ** (this.#failures - 1), BACKOFF_MAX_MS)
    this.#lastFailure = this.#explain(error, backoff)
    // While other instances work, the calls that wait may still be served by them.
    const working = [...this.#slots].some((slot) => slot.state === 'ready')
    if (working) return
    this.#refuseUntil = Date.now() + backoff
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) waiter.reject(this.#lastFailure)
  }

  #explain(error: unknown, backoffMs: number): Error {
    if (error instanceof BootFailure || error instanceof GatewayError) return error
    const message = error instanceof Error ? error.message : String(error)
    const remedy = error instanceof RuntimeUnavailable ? error.remedy : 'see the log of the gateway'
    return new GatewayError(
      'start_failed',
      `Cannot start "${this.#options.name}": ${message}: ${remedy}`,
      { retry_after: Math.max(1, Math.ceil(backoffMs / 1000)), callback_id: this.#options.callbackId },
      error,
    )
  }

  #full(claim: Exclude<Claim, 'granted'>): GatewayError {
    const { name, capacity, callbackId } = this.#options
    const { maxInstances, memoryMb } = capacity.limits
    const bound =
      claim === 'instances'
        ? `${capacity.used} instances live and all are at work, at most ${maxInstances} may: raise FAAS_MAX_INSTANCES`
        : `the instances at work use ${Math.round(capacity.memoryMb())} MB, all together may use ${memoryMb}: raise FAAS_ISOLATE_MEMORY_MB`
    const detail = `Cannot start "${name}": ${bound} or try again in a moment`
    return new GatewayError('start_failed', detail, { retry_after: 1, callback_id: callbackId })
  }
}
