import { Buffer } from 'node:buffer'
import type { Row } from '@libsql/client'
import type { Artifact } from '../../domain/deployment.ts'
import type { ArtifactStore } from '../store.ts'
import { group } from './bulk.ts'
import { isoTime, now } from './clock.ts'
import type { Database } from './database.ts'
import { readRows } from './pages.ts'
import { type Statement, sql } from './statement.ts'

/** Servers refuse large values and large messages, so a file is kept in parts and sent a few at a time. */
const PART_BYTES = 1024 * 1024
const PARTS_AT_ONCE = 4

/** How many versions of a callback keep their artifact though they do not serve. */
const KEPT_VERSIONS = 3

/** A build puts its artifact and names it a moment later; until then only its age tells it from a leftover. */
const UNNAMED_MS = 3_600_000

/** Artifacts in the table `artifact`, their files in `artifact_part`. */
export function artifactStore(database: Database): ArtifactStore {
  return {
    async put(artifact) {
      const { digest, kind, reference = null } = artifact
      const parts = toParts(artifact)
      const values = { digest, kind, reference, parts: parts.length, now: now() }
      const batches = group(parts, PART_BYTES * PARTS_AT_ONCE, ({ bytes }) => bytes)
      const last = batches.pop() ?? []
      const head = sql(HEAD, values)
      const complete = sql('UPDATE artifact SET parts = :parts WHERE digest = :digest', values)
      const statements = last.map(({ statement }) => statement)
      if (batches.length === 0) {
        await database.write([head, ...statements, complete])
        return
      }
      const [known] = await database.write([head])
      if (known![0]?.parts !== null) return
      for (const batch of batches) await database.write(batch.map(({ statement }) => statement))
      await database.write([...statements, complete])
    },

    async get(digest) {
      const [head] = await database.read(
        sql('SELECT kind, reference, parts FROM artifact WHERE digest = :digest', {
          digest,
        }),
      )
      if (head === undefined) return null
      const rows = await readParts(database, digest)
      // Some have not arrived yet, or it was swept while it was read.
      if (rows.length !== head.parts) return null
      const kind = head.kind as Artifact['kind']
      const reference = head.reference === null ? {} : { reference: String(head.reference) }
      return { kind, digest, files: joinParts(rows), ...reference }
    },

    async sweep() {
      const values = { kept: KEPT_VERSIONS, named_before: isoTime(Date.now() - UNNAMED_MS) }
      const [deleted] = await database.write([sql(SWEEP, values)])
      return deleted!.length
    },
  }
}

/** `parts` is null until the last part has arrived. */
const HEAD = `INSERT INTO artifact (digest, kind, reference, put_at) VALUES (:digest, :kind, :reference, :now)
  ON CONFLICT (digest) DO UPDATE SET put_at = excluded.put_at RETURNING parts`

const PART = `INSERT INTO artifact_part (digest, name, part, content) VALUES (:digest, :name, :part, :content)
  ON CONFLICT (digest, name, part) DO NOTHING`

// The parts go with their artifact, and deployments that named it name none: the foreign keys do that.
const SWEEP = `DELETE FROM artifact
  WHERE (put_at IS NULL OR put_at < :named_before) AND NOT EXISTS (
    SELECT 1 FROM deployment AS named WHERE named.artifact = artifact.digest AND (
      named.status IN ('active', 'build') OR named.version IN (
        SELECT version FROM deployment AS newest WHERE newest.callback_id = named.callback_id
        ORDER BY version DESC LIMIT :kept)))
  RETURNING digest`

interface Part {
  readonly bytes: number
  readonly statement: Statement
}

/** An empty file has one part, which is empty. */
function toParts({ digest, files }: Artifact): Part[] {
  return Object.entries(files).flatMap(([name, bytes]) =>
    Array.from({ length: Math.max(1, Math.ceil(bytes.length / PART_BYTES)) }, (_, part) => {
      const content = bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES)
      return { bytes: content.length, statement: sql(PART, { digest, name, part, content }) }
    }),
  )
}

async function readParts(database: Database, digest: string): Promise<Row[]> {
  const rows: Row[] = []
  for (let start = 0; ; start = Number(rows.at(-1)!.id)) {
    const query = {
      text: `SELECT id, name, part, content FROM artifact_part WHERE digest = :digest AND id > :after
        ORDER BY id LIMIT :rows`,
      values: { digest },
      start,
      key: (row: Row) => Number(row.id),
    }
    const found = await readRows(database, query, PARTS_AT_ONCE)
    rows.push(...found)
    if (found.length < PARTS_AT_ONCE) return rows
  }
}

/** Two gateways may have put the same artifact at the same time, so the parts of a file can be apart. */
function joinParts(rows: readonly Row[]): Record<string, Uint8Array> {
  const byName = Map.groupBy(rows, (row) => String(row.name))
  const files = Array.from(byName, ([name, parts]) => {
    const contents = parts
      .toSorted((a, b) => Number(a.part) - Number(b.part))
      .map((row) => new Uint8Array(row.content as ArrayBuffer))
    return [name, new Uint8Array(Buffer.concat(contents))] as const
  })
  return Object.fromEntries(files)
}
