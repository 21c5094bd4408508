import { readFile } from 'node:fs/promises'

/** An entry of not-applicable.json: whole files, or subtests of files, that are about a browser alone. */
interface Entry {
  readonly reason: string
  /** Paths; a `*` stands for anything. */
  readonly files: readonly string[]
  /** Names of subtests in them; a `*` stands for anything. All of the file where it is missing. */
  readonly subtests?: readonly string[]
}

/** What the committed list says about files and subtests. */
export interface Exclusions {
  /** Why the whole file is left out; null where it is not. */
  reasonFor(file: string): string | null
  /** Is this subtest left out? */
  leavesOut(file: string, subtest: string): boolean
}

/** Reads the list of what does not apply to a function. */
export async function readExclusions(file: string): Promise<Exclusions> {
  const entries = (JSON.parse(await readFile(file, 'utf8')) as Entry[]).map(
    ({ reason, files, subtests }) => ({
      reason,
      files: files.map(pattern),
      subtests: subtests?.map(pattern) ?? null,
    }),
  )
  return {
    reasonFor: (name) =>
      entries.find(({ files, subtests }) => subtests === null && files.some((one) => one.test(name)))
        ?.reason ?? null,
    leavesOut: (name, subtest) =>
      entries.some(
        ({ files, subtests }) =>
          subtests?.some((one) => one.test(subtest)) && files.some((one) => one.test(name)),
      ),
  }
}

/** The list of a folder of tests that has none. */
export const NOTHING_EXCLUDED: Exclusions = { reasonFor: () => null, leavesOut: () => false }

function pattern(text: string): RegExp {
  const parts = text.split('*').map((part) => RegExp.escape(part))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}
