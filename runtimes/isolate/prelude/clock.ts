const dateNow = Date.now
const apply = Reflect.apply
const MS = 1_000_000n
/**
 * What a function may know of time, in nanoseconds: its isolate shares a process with others, and finer clocks help
 * side channels more than functions. https://w3c.github.io/hr-time/#dfn-coarsen-time asks for no less there.
 */
const STEP = 100_000n

interface Instant {
  toZonedDateTimeISO(zone: unknown): ZonedDateTime
}
interface ZonedDateTime {
  toPlainDateTime(): unknown
  toPlainTime(): unknown
}
interface TemporalNamespace {
  readonly Instant: { new (nanoseconds: bigint): Instant; readonly prototype: Instant }
  readonly Now: Record<string, unknown> & { instant(): Instant; timeZoneId(): string }
}

/** Nanoseconds of the epoch, coarse. Engines without Temporal have milliseconds only. */
let read = (): bigint => BigInt(dateNow()) * MS
let last = 0n
let origin = read()

/**
 * For code that asks for neither: the engine makes Temporal when it is first looked at, which costs more than all the
 * rest of a start. Left as it is it would be a fine clock for whoever finds it.
 */
export function dropClock(): void {
  Reflect.deleteProperty(globalThis, 'Temporal')
}

/** Finds the engine's fine clock, which a snapshot has not, and leaves scripts a coarse one. */
export function takeClock(): void {
  const temporal = (globalThis as { Temporal?: TemporalNamespace }).Temporal
  if (temporal === undefined) return
  const { Instant, Now } = temporal
  const { instant, timeZoneId } = Now
  const nanoseconds = Object.getOwnPropertyDescriptor(Instant.prototype, 'epochNanoseconds')!.get!
  const { toZonedDateTimeISO } = Instant.prototype
  read = () => {
    const exact = apply(nanoseconds, apply(instant, Now, []), []) as bigint
    return exact - (exact % STEP)
  }
  const zoned = (zone: unknown): ZonedDateTime =>
    apply(toZonedDateTimeISO, new Instant(read()), [zone === undefined ? apply(timeZoneId, Now, []) : zone])
  const { toPlainDateTime, toPlainTime } = Object.getPrototypeOf(zoned('UTC')) as ZonedDateTime
  const coarse = {
    instant: (): Instant => new Instant(read()),
    zonedDateTimeISO: (zone: unknown = undefined) => zoned(zone),
    plainDateTimeISO: (zone: unknown = undefined) => apply(toPlainDateTime, zoned(zone), []),
    plainTimeISO: (zone: unknown = undefined) => apply(toPlainTime, zoned(zone), []),
  }
  for (const [name, value] of Object.entries(coarse))
    Object.defineProperty(Now, name, { value, writable: true, configurable: true })
}

/** The clock starts with the instance, not with the snapshot that it came from. */
export function startClock(): void {
  last = 0n
  origin = read()
}

/** Epoch milliseconds of its start. */
export function clockOrigin(): number {
  return Number(origin) / 1e6
}

/** Milliseconds since then; it never goes back, as the machine's clock may. */
export function elapsed(): number {
  const now = read() - origin
  if (now > last) last = now
  return Number(last) / 1e6
}
