import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { javascriptCases, pythonCases, sharedCases } from './cases.ts'
import { DOCKER_PYTHON, ISOLATE, PROFILES, type Profile } from './profiles.ts'
import { type CaseCode, createSubject, type Register, type Subject } from './subject.ts'

/** Cases that not every runtime can have, by what says so. */
const CONDITIONAL: readonly (readonly [name: string, has: (profile: Profile) => boolean])[] = [
  [
    'memory: more than its limit is 500 with the numbers, and it is gone',
    ({ hard }) => hard.includes('memory'),
  ],
  ['cpu: more than its limit is 500 with the numbers, and it is gone', ({ hard }) => hard.includes('cpu')],
  [
    'crash: a function that ends its process is 500 with its exit code, and the next call is served',
    ({ hasProcess }) => hasProcess,
  ],
]

const test = suite('the tables of all runtimes')

/** The names of the cases that a group declares; none is run. */
function declaredBy(group: (test: Register, subject: Subject<CaseCode>) => void, profile: Profile): string[] {
  const names: string[] = []
  const subject = createSubject(profile, null as never, '127.0.0.1', () => undefined)
  group((name) => names.push(name), subject)
  return names
}

test('every shared case is in the table of every runtime, but for what a limit or a process is needed for', () => {
  const conditional = new Set(CONDITIONAL.map(([name]) => name))
  const common = declaredBy(sharedCases, ISOLATE).filter((name) => !conditional.has(name))
  for (const profile of PROFILES) {
    const names = declaredBy(sharedCases, profile)
    const expected = CONDITIONAL.filter(([, has]) => has(profile)).map(([name]) => name)
    assert.equal(
      names.filter((name) => !conditional.has(name)),
      common,
      profile.name,
    )
    assert.equal(names.filter((name) => conditional.has(name)).toSorted(), expected.toSorted(), profile.name)
  }
})

test('no case is declared twice, and how many each runtime has', () => {
  for (const profile of PROFILES) {
    const shared = declaredBy(sharedCases, profile)
    const own = declaredBy(profile.language === 'node' ? javascriptCases : pythonCases, profile)
    const all = [...shared, ...own]
    assert.equal(
      all.filter((name, index) => all.indexOf(name) !== index),
      [],
    )
    assert.ok(shared.length > own.length / 2 && own.length > 0)
    console.log(
      `${profile.name}: ${all.length} cases, ${shared.length} shared, ${own.length} of ${profile.language}`,
    )
  }
})

test('the languages share what is the same in both', () => {
  const both = declaredBy(sharedCases, DOCKER_PYTHON)
  assert.ok(both.length >= 60, `${both.length} cases`)
})

test.run()
