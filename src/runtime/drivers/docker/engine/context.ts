import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import * as path from 'node:path'
import { RuntimeUnavailable } from '../../../failures.ts'
import { readTls, type TlsFiles } from './tls-files.ts'

/** The engine of a context of Docker's client. */
export interface ContextEndpoint {
  readonly name: string
  readonly host: string
  readonly tls: TlsFiles | null
}

/**
 * The context that Docker's client would take; null for its default one, which is no file.
 * @param named DOCKER_CONTEXT
 * @throws RuntimeUnavailable when there is no such context
 */
export async function readContext(
  folder: string,
  named: string | undefined,
): Promise<ContextEndpoint | null> {
  const name =
    named || (await json<{ currentContext?: string }>(path.join(folder, 'config.json')))?.currentContext
  if (!name || name === 'default') return null
  const id = createHash('sha256').update(name).digest('hex')
  const meta = await json<{ Endpoints?: { docker?: { Host?: string } } }>(
    path.join(folder, 'contexts/meta', id, 'meta.json'),
  )
  const host = meta?.Endpoints?.docker?.Host
  if (!host)
    throw new RuntimeUnavailable(
      `the Docker context "${name}" is not there, or names no engine`,
      'choose one that "docker context ls" shows with "docker context use", or set FAAS_DOCKER_HOST',
    )
  const certificates = path.join(folder, 'contexts/tls', id, 'docker')
  const tls = existsSync(certificates) ? readTls(certificates, `the context "${name}" asks for TLS`) : null
  return { name, host, tls }
}

async function json<T>(file: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T
  } catch {
    // No such file, or none that its client could read either.
    return null
  }
}
