/** Now, as every table spells a time: ISO 8601 UTC with milliseconds. */
export function now(): string {
  return isoTime(Date.now())
}

/** A time in epoch milliseconds, as every table spells it. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
