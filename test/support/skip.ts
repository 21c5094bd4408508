import type { Callback, Test } from 'uvu'

/** Something that a test needs and a machine may lack, such as docker; `missing` says why it cannot be used. */
export interface Need {
  readonly name: string
  readonly missing: string | null
}

/** Whether FAAS_TEST_REQUIRE names it: then a test that lacks it fails instead of being skipped. */
export function required(name: string): boolean {
  return (process.env.FAAS_TEST_REQUIRE ?? '').split(',').some((entry) => entry.trim() === name)
}

/** Skips a case and says why; fails it where FAAS_TEST_REQUIRE names what it needs. */
export function skip<T>(test: Test<T>, name: string, need: { name: string; missing: string }): void {
  if (required(need.name)) {
    test(name, () => {
      throw new Error(`FAAS_TEST_REQUIRE names ${need.name}, which cannot be used: ${need.missing}`)
    })
    return
  }
  test.skip(name)
  console.log(`SKIP ${oneLine(name)}: ${oneLine(need.missing)}`)
}

/** A way to declare cases that need something: where it is missing each is skipped with its reason. */
export function needing<T>(test: Test<T>, need: Need): (name: string, handler: Callback<T>) => void {
  const { name, missing } = need
  if (missing === null) return (title, handler) => test(title, handler)
  return (title) => skip(test, title, { name, missing })
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ')
}
