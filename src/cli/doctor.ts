/** `npm run doctor`: looks at everything that the gateway needs, and says what to do. */
import process from 'node:process'
import { allChecks } from './doctor/all-checks.ts'
import { runChecks } from './doctor/check.ts'
import { redactor } from './doctor/redact.ts'
import { exitCode, jsonReport, prettyReport } from './doctor/report.ts'
import { surroundings } from './doctor/surroundings.ts'

const USAGE = `usage: npm run doctor [-- --json]

Looks at the settings, the machine, the data, isolates, builds, Docker and the cluster, and changes nothing.

  --json   an array of {id, part, status, summary, remedy?, facts} for programs
  --help   this text

status: ok, note (good to know), warn (it works, but), fail (what is set cannot work)
exit code: 0 when nothing failed, 1 when something did, 2 for arguments that are none of these
`
const MISUSED = 2

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--json' && arg !== '--help' && arg !== '-h')
  if (unknown !== undefined) {
    process.stderr.write(`Cannot take the argument "${unknown}"\n\n${USAGE}`)
    return MISUSED
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(USAGE)
    return 0
  }
  const redact = redactor(process.env)
  // What a package throws outside of every check must not end the report.
  for (const event of ['uncaughtException', 'unhandledRejection'])
    process.on(event, (error: unknown) => process.stderr.write(`${redact(String(error))}\n`))
  const findings = await runChecks(allChecks(surroundings(process.env)), redact)
  const terminal = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
  await print(args.includes('--json') ? jsonReport(findings) : prettyReport(findings, terminal))
  return exitCode(findings)
}

/** A pipe takes a long text in pieces: the process must not end before the last one. */
function print(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()))
}

// What answered too late must not keep the process.
process.exit(await main(process.argv.slice(2)))
