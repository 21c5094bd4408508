import { createHash } from 'node:crypto'
import type { Artifact } from './deployment.ts'

/** An artifact with its digest: SHA-256 in hex over kind, image and files, each with its length before it. */
export function artifactOf(kind: Artifact['kind'], files: Artifact['files'], reference?: string): Artifact {
  const hash = createHash('sha256').update(`${kind}\n`)
  if (reference !== undefined) hash.update(`${reference.length} ${reference}\n`)
  for (const name of Object.keys(files).sort()) {
    hash.update(`${name.length} ${name} ${files[name]!.length}\n`).update(files[name]!)
  }
  const artifact = { kind, digest: hash.digest('hex'), files }
  return reference === undefined ? artifact : { ...artifact, reference }
}
