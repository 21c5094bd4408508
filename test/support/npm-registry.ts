import { tmpdir } from 'node:os'
import { runProcess } from '../../src/deploy/library/run-process.ts'
import type { Need } from './skip.ts'

/** A registry of npm that answers; asked with the machine's own npm and its settings. */
export async function npmRegistry(): Promise<Need> {
  return { name: 'npm-registry', missing: await whyNot() }
}

async function whyNot(): Promise<string | null> {
  const said: string[] = []
  try {
    const { code } = await runProcess('npm', ['view', 'is-odd@3.0.1', 'name', '--fetch-retries=0'], {
      cwd: tmpdir(),
      env: process.env as Record<string, string>,
      signal: AbortSignal.timeout(15_000),
      onLine: (line) => said.push(line),
    })
    return code === 0 ? null : said.join(' ')
  } catch (error) {
    return String(error)
  }
}
