import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import * as path from 'node:path'

/** isolated-vm 7 ships its addon for these. */
const MAJORS = [24, 26]
const ANSWER_WITHIN = 5000

/**
 * The Node executable that can hold isolates, for a gateway that itself runs on Deno: the one that was named,
 * else the npm package `node` beside this project, else `node` on the PATH. Null where none will do.
 */
export async function findNode(named: string | null, root: string): Promise<string | null> {
  if (!(await readable(path.join(root, 'node_modules/isolated-vm/package.json')))) return null
  const candidates = named === null ? [path.join(root, 'node_modules/node/bin/node'), 'node'] : [named]
  for (const candidate of candidates) {
    if (MAJORS.includes((await majorOf(candidate)) ?? 0)) return candidate
  }
  return null
}

function majorOf(executable: string): Promise<number | null> {
  return new Promise((resolve) => {
    execFile(executable, ['--version'], { timeout: ANSWER_WITHIN }, (error, stdout) => {
      const major = /^v(\d+)\./.exec(String(stdout))?.[1]
      resolve(error !== null || major === undefined ? null : Number(major))
    })
  })
}

async function readable(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
