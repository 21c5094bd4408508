import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { type Check, runChecks } from '../../../src/cli/doctor/check.ts'
import type { Finding } from '../../../src/cli/doctor/finding.ts'
import { redactor } from '../../../src/cli/doctor/redact.ts'
import { type Surroundings, surroundings } from '../../../src/cli/doctor/surroundings.ts'

/** Settings of a test; nothing of the environment of whoever runs it but where programs are. */
export type Settings = Readonly<Record<string, string>>

/** A folder that stands for the home and holds the data, gone at the end. */
export interface Folder extends AsyncDisposable {
  readonly path: string
}

/** Makes a folder. */
export async function folder(): Promise<Folder> {
  const made = await mkdtemp(path.join(tmpdir(), 'faas-doctor-test-'))
  return {
    path: made,
    async [Symbol.asyncDispose]() {
      await rm(made, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** An environment of its own: no setting, engine or cluster of the machine. */
export function environment(home: string, settings: Settings = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    NO_COLOR: '1',
    FAAS_PORT: '0',
    FAAS_DATA_DIR: path.join(home, 'data'),
    ...settings,
  }
}

/** For what is real and may be busy with other tests. Milliseconds. */
export const PATIENT = 20_000

/**
 * Runs some checks as the program does, in this process.
 * @param deadline of each check; the program's own unless given
 */
export async function look(
  home: string,
  settings: Settings,
  checks: (at: Surroundings) => readonly Check[],
  deadline?: number,
): Promise<Finding[]> {
  const env = environment(home, settings)
  return runChecks(checks(surroundings(env)), redactor(env), deadline)
}

/** The finding of this id. @throws Error with those that are there */
export function only(findings: readonly Finding[], id: string): Finding {
  const found = findings.filter((finding) => finding.id === id)
  if (found.length === 1) return found[0]!
  const ids = findings.map((finding) => finding.id).join(', ')
  throw new Error(`there are ${found.length} findings "${id}" among ${ids}`)
}
