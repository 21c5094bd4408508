import type { Artifact } from '../domain/deployment.ts'
import type { ArtifactStore } from '../store/store.ts'

/** Artifacts that were used last, in memory: a cold start reads no database. */
export interface ArtifactCache {
  /** @throws Error when no artifact has that digest */
  get(digest: string): Promise<Artifact>
  put(artifact: Artifact): void
}

/** @param maxBytes of files kept; the least recently used go first */
export function createArtifactCache(store: ArtifactStore, maxBytes: number): ArtifactCache {
  const kept = new Map<string, Artifact>()
  let bytes = 0

  const keep = (artifact: Artifact): void => {
    if (kept.has(artifact.digest)) return
    kept.set(artifact.digest, artifact)
    bytes += sizeOf(artifact)
    for (const [digest, oldest] of kept) {
      if (bytes <= maxBytes || digest === artifact.digest) break
      kept.delete(digest)
      bytes -= sizeOf(oldest)
    }
  }

  return {
    put: keep,
    async get(digest) {
      const known = kept.get(digest)
      if (known !== undefined) {
        kept.delete(digest)
        kept.set(digest, known)
        return known
      }
      const artifact = await store.get(digest)
      if (artifact === null)
        throw new Error(`artifact ${digest} is not in the store: deploy the callback again`)
      keep(artifact)
      return artifact
    },
  }
}

function sizeOf(artifact: Artifact): number {
  return Object.values(artifact.files).reduce((sum, file) => sum + file.byteLength, 0)
}
