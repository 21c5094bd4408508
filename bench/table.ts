// Prints a results file as Markdown: node bench/table.ts RESULTS.json [--details] [--write PAGE.md]
import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { markdown, replaceBetweenMarkers } from './report/pages.ts'
import { parseResults } from './results.ts'

const USAGE = `node bench/table.ts RESULTS.json [--details] [--write PAGE.md]

  --details        every case's figures, not the targets and the throughput alone
  --write PAGE.md  puts it between <!-- bench --> and <!-- /bench --> of that page; may be given again
`

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  process.exitCode = 1
}

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      details: { type: 'boolean', default: false },
      write: { type: 'string', multiple: true, default: [] },
    },
  })
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new Error('Cannot print a table: give one results file')
  const text = markdown(parseResults(await readFile(file, 'utf8')), values.details)
  if (values.write.length === 0) process.stdout.write(`${text}\n`)
  for (const page of values.write)
    await writeFile(page, replaceBetweenMarkers(await readFile(page, 'utf8'), text))
}
