import { statfs } from 'node:fs/promises'
import type { EngineExaminer } from '../../../../runtime/drivers/docker/doctor/examine.ts'
import type { EngineInfo } from '../../../../runtime/drivers/docker/doctor/examined.ts'
import type { EngineAddress } from '../../../../runtime/drivers/docker/engine/address.ts'
import type { Check } from '../../check.ts'
import { fail, note, ok, type Verdict, warn } from '../../finding.ts'
import { bytes } from '../../units.ts'

const GB = 1_073_741_824
/** A base image and a few libraries. */
const LITTLE = 5 * GB
const TOO_LITTLE = GB / 2
const PRUNE =
  'free some: "docker system df" shows what takes it, "docker system prune" removes what nothing uses'

/** How images are stored, and how much room is left for them. */
export function diskChecks(
  engine: EngineExaminer,
  { socket }: EngineAddress,
  info: () => Promise<EngineInfo>,
): Check[] {
  const part = 'docker'
  return [
    {
      id: 'docker.storage',
      part,
      about: 'the storage of the engine',
      late: (what) => note(what),
      async run() {
        const { storageDriver, backingFileSystem, dataRoot } = await info()
        const free = socket === null ? null : await freeBytes(dataRoot)
        const facts = {
          driver: storageDriver,
          backing: backingFileSystem,
          data_root: dataRoot,
          free_bytes: free,
        }
        const on = backingFileSystem === null ? '' : ` on ${backingFileSystem}`
        const room = free === null ? '' : `, ${bytes(free)} free in "${dataRoot}"`
        const seen = `storage: ${storageDriver}${on}${room}`
        if (free !== null && free < TOO_LITTLE) return fail(seen, PRUNE, facts)
        if (free !== null && free < LITTLE) return warn(seen, PRUNE, facts)
        if (storageDriver === 'vfs')
          return warn(
            `${seen}: each container is a whole copy of its image`,
            'set the storage driver of the engine to overlay2',
            facts,
          )
        return ok(seen, facts)
      },
    },
    {
      id: 'docker.disk',
      part,
      about: 'the sum of what the engine stores',
      late: (what) => note(what, {}, 'run "docker system df" and wait: it takes long where there is much'),
      async run(): Promise<Verdict> {
        const { images, containers, volumes, buildCache } = await engine.diskUsage()
        const facts = { images, containers, volumes, build_cache: buildCache }
        return ok(
          `disk: images ${bytes(images)}, containers ${bytes(containers)}, volumes ${bytes(volumes)}, ` +
            `build cache ${bytes(buildCache)}`,
          facts,
        )
      },
    },
  ]
}

/** Null where that folder is another machine's. */
async function freeBytes(folder: string): Promise<number | null> {
  const found = await statfs(folder).catch(() => null)
  return found === null ? null : found.bavail * found.bsize
}
