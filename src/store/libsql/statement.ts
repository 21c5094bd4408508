/** One SQL statement with its values, as the client takes it. */
export interface Statement {
  readonly sql: string
  readonly args: Record<string, SqlValue>
}

export type SqlValue = string | number | Uint8Array | null

/**
 * Binds `:name` parameters. `values` may hold more than this statement names, so that the statements of one
 * batch can share it; a name without a value is a mistake in the code and throws.
 */
export function sql(text: string, values: Readonly<Record<string, SqlValue>> = {}): Statement {
  const args: Record<string, SqlValue> = {}
  for (const [, name] of text.matchAll(/:([a-z_]+)/g)) {
    const value = values[name!]
    if (value === undefined) throw new TypeError(`SQL parameter :${name} has no value`)
    args[name!] = value
  }
  return { sql: text, args }
}
