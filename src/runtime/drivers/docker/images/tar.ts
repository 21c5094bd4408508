/** A folder or a file of a tar archive. */
export interface TarEntry {
  /** Below the place where the archive is unpacked; less than 100 bytes. */
  readonly name: string
  /** Null: a folder. */
  readonly content: string | null
  /** User and group it belongs to. */
  readonly owner: number
}

const BLOCK = 512

/** An archive in the ustar format, as the engine unpacks it into a container. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(entryOf), Buffer.alloc(2 * BLOCK)])
}

function entryOf({ name, content, owner }: TarEntry): Buffer[] {
  const data = Buffer.from(content ?? '')
  const header = Buffer.alloc(BLOCK)
  const octal = (value: number, at: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at)
  header.write(name, 0)
  octal(content === null ? 0o755 : 0o644, 100, 8)
  octal(owner, 108, 8)
  octal(owner, 116, 8)
  octal(data.length, 124, 12)
  octal(0, 136, 12)
  // The sum of the header counts its own field as blanks.
  header.fill(' ', 148, 156)
  header.write(content === null ? '5' : '0', 156)
  header.write('ustar\u000000', 257)
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return [header, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]
}
