import { readdir, readFile } from 'node:fs/promises'
import * as path from 'node:path'
import { readMeta } from './meta.ts'
import type { Exclusions } from './not-applicable.ts'

/** One run of one test file. */
export interface Case {
  /** The file with its variant's query, relative to the folder of the tests. */
  readonly name: string
  readonly folder: string
  readonly file: string
  readonly variant: string
  readonly scripts: readonly string[]
  readonly long: boolean
}

/** A test file that says nothing about a function, with the reason. */
export interface Excluded {
  readonly file: string
  readonly reason: string
}

const TEST = /\.any\.js$/
const GLOBALS = ['worker', 'dedicatedworker']

/** All test files of the folders that the filters choose, each variant a case. */
export async function findCases(
  root: string,
  folders: readonly string[],
  filters: readonly string[],
  exclusions: Exclusions,
): Promise<{ cases: Case[]; excluded: Excluded[] }> {
  const cases: Case[] = []
  const excluded: Excluded[] = []
  for (const folder of folders) {
    const files = (await readdir(path.join(root, folder), { recursive: true }).catch(() => []))
      .map((name) => `${folder}/${name.replaceAll(path.sep, '/')}`)
      .filter((file) => TEST.test(file) && chosen(file, filters))
    for (const file of files.sort()) {
      const meta = readMeta(await readFile(path.join(root, file), 'utf8'))
      const reason = exclusions.reasonFor(file) ?? unfitGlobal(meta.globals)
      if (reason !== null) {
        excluded.push({ file, reason })
        continue
      }
      for (const variant of meta.variants) {
        const { scripts, long } = meta
        cases.push({ name: file + variant, folder, file, variant, scripts, long })
      }
    }
  }
  return { cases, excluded }
}

/** Does the path hold one of the filters? Without any, all are meant. */
export function chosen(file: string, filters: readonly string[]): boolean {
  return filters.length === 0 || filters.some((filter) => file.includes(filter))
}

function unfitGlobal(globals: readonly string[]): string | null {
  if (globals.some((name) => GLOBALS.includes(name))) return null
  return `it is for ${globals.join(' and ')} alone`
}
