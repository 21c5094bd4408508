import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, rm, stat, statfs, writeFile } from 'node:fs/promises'
import * as path from 'node:path'
import type { Check, Outcome } from '../check.ts'
import { fail, ok, type Verdict, warn } from '../finding.ts'
import type { Surroundings } from '../surroundings.ts'
import { bytes } from '../units.ts'

const MB = 1_048_576
/** Room for some builds; each may install a few hundred megabytes. */
const LITTLE_SPACE = 1024 * MB
/** The database can hardly write any more. */
const NO_SPACE = 64 * MB

/** Names of what `statfs` tells as a number (Linux). */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  2035054128: 'overlay',
  16914836: 'tmpfs',
  2240043254: 'ramfs',
  1702057286: 'fuse',
  16914839: '9p',
  26985: 'nfs',
  4283649346: 'cifs',
  4266872130: 'smb2',
}
const REMOTE: ReadonlySet<string> = new Set(['nfs', 'cifs', 'smb2', '9p'])
const FLEETING: ReadonlySet<string> = new Set(['tmpfs', 'ramfs'])

/** The data folder: whether the gateway can write there, how much room is left, and on what it lies. */
export function dataDirCheck({ config }: Surroundings): Check {
  return {
    id: 'data-dir',
    part: 'data',
    about: `the data folder "${config.dataDir}"`,
    late: (what) => fail(what, 'check its disk, or set FAAS_DATA_DIR to another one'),
    async run() {
      const there = await nearest(config.dataDir)
      const missing = there !== config.dataDir
      const facts = { path: config.dataDir, exists: !missing, nearest: there }
      const refused = await refusal(there, missing)
      if (refused !== null)
        return fail(
          missing
            ? `data folder: "${config.dataDir}" cannot be made in "${there}" (${refused})`
            : `data folder: "${there}" cannot be written to (${refused})`,
          `make "${there}" a folder that this user may write to, or set FAAS_DATA_DIR to another one`,
          facts,
        )
      const seen = missing
        ? `"${config.dataDir}" will be made at the first start`
        : `"${there}" can be written to`
      const onFile = config.dbUrl.startsWith('file:')
      return {
        verdict: ok(`data folder: ${seen}`, facts),
        beside: { disk: await disk(there, onFile) },
      } satisfies Outcome
    },
  }
}

/** The folder itself, or the nearest one above it that is there. */
async function nearest(folder: string): Promise<string> {
  for (let at = folder; ; at = path.dirname(at)) {
    const found = await stat(at).catch(() => null)
    if (found !== null || at === path.dirname(at)) return at
  }
}

/** Why nothing can be written; a real try, because rights alone do not tell of a read-only disk. */
async function refusal(folder: string, missing: boolean): Promise<string | null> {
  try {
    if (!(await stat(folder)).isDirectory()) return 'it is no folder'
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    if (missing) return null
    const trial = path.join(folder, `.doctor-${randomUUID()}`)
    await writeFile(trial, 'x', { flag: 'wx' })
    await rm(trial)
    return null
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code ?? error)
  }
}

async function disk(folder: string, onFile: boolean): Promise<Verdict> {
  const { bavail, bsize, blocks, type } = await statfs(folder)
  const free = bavail * bsize
  const system = FILE_SYSTEMS[type] ?? null
  const facts = { free_bytes: free, total_bytes: blocks * bsize, file_system: system }
  const seen = `disk of the data folder: ${bytes(free)} of ${bytes(blocks * bsize)} free${system === null ? '' : `, ${system}`}`
  if (free < NO_SPACE) return fail(seen, 'free some space, or set FAAS_DATA_DIR to another disk', facts)
  if (free < LITTLE_SPACE) return warn(seen, 'free some space: installations of libraries need it', facts)
  if (onFile && system !== null && REMOTE.has(system))
    return warn(
      `${seen}, which lies elsewhere`,
      'set FAAS_DATA_DIR to a local disk, or FAAS_DB_URL to a libSQL server: SQLite is not safe on a remote disk',
      facts,
    )
  if (onFile && system !== null && FLEETING.has(system))
    return warn(
      `${seen}, which is memory`,
      'set FAAS_DATA_DIR to a disk: what is in memory is gone after a restart of the machine',
      facts,
    )
  return ok(seen, facts)
}
