import { existsSync, readFileSync } from 'node:fs'
import * as path from 'node:path'
import { RuntimeUnavailable } from '../../../failures.ts'

/** The certificates for an engine, in PEM. */
export interface TlsFiles {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

const NAMES = ['ca', 'cert', 'key'] as const

/**
 * Reads `ca.pem`, `cert.pem` and `key.pem` of a folder, those that are there.
 * @param why the beginning of the sentence when none can be read
 * @throws RuntimeUnavailable when the folder holds none of them, or one cannot be read
 */
export function readTls(folder: string, why: string): TlsFiles {
  const files = NAMES.map((name) => [name, path.join(folder, `${name}.pem`)] as const)
  const there = files.filter(([, file]) => existsSync(file))
  if (there.length === 0)
    throw new RuntimeUnavailable(
      `${why}, and "${folder}" holds no ca.pem, cert.pem or key.pem`,
      'set DOCKER_CERT_PATH to the folder of the certificates',
    )
  return Object.fromEntries(there.map(([name, file]) => [name, read(file)]))
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new RuntimeUnavailable(
      `the Docker certificate "${file}" cannot be read (${(error as NodeJS.ErrnoException).code})`,
      'allow it for this user',
    )
  }
}
