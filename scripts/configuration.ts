/** Writes docs/configuration.md from the table of settings: `node scripts/configuration.ts`. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SETTINGS } from '../src/config.ts'

const FILE = fileURLToPath(new URL('../docs/configuration.md', import.meta.url))

/** Defaults that depend on the machine, in words. */
const WORDS: Readonly<Record<string, string>> = {
  FAAS_DB_URL: 'file:{data dir}/faas.db',
  FAAS_ISOLATE_HOSTS: 'number of cores',
  FAAS_ISOLATE_MEMORY_MB: 'half of the machine’s memory',
  FAAS_LOG_FORMAT: 'pretty on a terminal, else json',
}

/** The page as it must be. */
export function configurationPage(): string {
  const rows = Object.values(SETTINGS).map(({ name, about, fallback }) => {
    const value = fallback({ cores: 1, memoryMb: 1024, terminal: false, cwd: '/' })
    const shown = WORDS[name] ?? (value === null || String(value) === '' ? 'none' : String(value))
    return `| \`${name}\` | ${shown.replaceAll('|', '\\|')} | ${about.replaceAll('|', '\\|')} |`
  })
  return `# Configuration

Settings come from the environment. They are checked at start, all problems at once; the process then ends with exit
code 78. A name that starts with \`FAAS_\` and is no setting gets a warning with the nearest one.
This page is made by \`node scripts/configuration.ts\`.

| name | default | what it is |
|---|---|---|
${rows.join('\n')}
`
}

if (import.meta.main) writeFileSync(FILE, configurationPage())
