import { parseArgs } from 'node:util'

/** What one run of the bench is asked for. */
export interface Options {
  readonly quick: boolean
  /** Names of cases; all where it is empty. */
  readonly only: readonly string[]
  readonly rounds: number | null
}

const MAX_ROUNDS = 100

/** How to call it. */
export function usage(names: readonly string[]): string {
  return `npm run bench -- [--quick] [--only NAME]... [--rounds N]

  --quick      fewer rounds and samples: about four minutes, not for publishing
  --only NAME  one case; may be given again. NAME is ${names.join(', ')}
  --rounds N   rounds of the cases that go in turns, 1 to ${MAX_ROUNDS}
`
}

/** Reads the command line. @throws Error with a sentence for people */
export function readOptions(args: readonly string[], names: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
    },
  })
  const unknown = values.only.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new Error(`Cannot run the case "${unknown}": there are ${names.join(', ')}`)
  return { quick: values.quick, only: values.only, rounds: readRounds(values.rounds) }
}

function readRounds(text: string | undefined): number | null {
  if (text === undefined) return null
  const rounds = Number(text)
  if (!/^\d+$/.test(text) || rounds < 1 || rounds > MAX_ROUNDS)
    throw new Error(`Cannot run "${text}" rounds: must be a whole number from 1 to ${MAX_ROUNDS}`)
  return rounds
}
