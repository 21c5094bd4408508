// Runs the tests: node test/run.ts [--fast] [file, or part of a path]…
import { fileURLToPath } from 'node:url'
import { findFiles, type TestFile } from './runner/files.ts'
import { fileReport, summary } from './runner/report.ts'
import { type FileResult, killAll, runFile } from './runner/run-file.ts'

const AT_ONCE = 2
const root = fileURLToPath(new URL('..', import.meta.url))

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    killAll()
    process.exit(code)
  })
}

const args = process.argv.slice(2)
const filters = args.filter((arg) => arg !== '--fast')
try {
  let chosen = await findFiles(root, filters)
  if (args.includes('--fast')) chosen = chosen.filter((file) => file.fast)
  // Who names a file means it.
  if ('Deno' in globalThis && filters.length === 0) {
    const both = chosen.filter((file) => !file.nodeOnly)
    console.log(`${chosen.length - both.length} files look at containers and guests alone: they run on Node`)
    chosen = both
  }
  process.exitCode = await runAll(chosen)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

/** @returns the exit code */
async function runAll(files: readonly TestFile[]): Promise<number> {
  const started = performance.now()
  const results: FileResult[] = []
  const lane = async (queue: TestFile[]): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const result = await runFile(root, next)
      results.push(result)
      console.log(fileReport(result))
    }
  }
  // Those that may take longest go first, so that none of them is left over for one lane alone.
  const together = files.filter((file) => !file.serial).toSorted((a, b) => b.timeoutMs - a.timeoutMs)
  const quick = together.filter((file) => file.fast)
  const engine = together.filter((file) => file.engine === 'alone')
  const beside = together.filter((file) => file.engine === 'beside')
  const long = together.filter((file) => !file.fast && file.engine === null)
  await Promise.all(Array.from({ length: AT_ONCE }, () => lane(long)))
  // Containers take the processor in bursts: never two of those files at once, and beside them what asks for little.
  const others = [...beside, ...quick]
  const first = lane(engine).then(() => lane(others))
  await Promise.all([first, ...Array.from({ length: AT_ONCE - 1 }, () => lane(others))])
  await lane(files.filter((file) => file.serial))
  const ran = results.some((result) => result.passed + result.failed > 0)
  if (!ran) console.log('no test ran')
  console.log(summary(results, performance.now() - started))
  return ran && results.every((result) => result.failed === 0) ? 0 : 1
}
