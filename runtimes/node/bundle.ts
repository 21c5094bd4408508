import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { ContainerGuest } from '../container-guest.ts'

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** What a container of the Node image runs, and the runner's program that it takes in. */
export async function nodeGuest(): Promise<ContainerGuest> {
  const [start, boot, runner, watchdog] = await Promise.all([
    readFile(here('./start.sh'), 'utf8'),
    script('./boot.ts'),
    script('./main.ts'),
    script('./watchdog.ts'),
  ])
  const code = new TextEncoder().encode(runner.replace('"FAAS_WATCHDOG"', () => JSON.stringify(watchdog)))
  const payload = new Uint8Array(4 + code.length)
  new DataView(payload.buffer).setUint32(0, code.length, true)
  payload.set(code, 4)
  return { command: ['/bin/sh', '-c', uncommented(start), 'faas', boot], payload }
}

async function script(entry: string): Promise<string> {
  const { build } = await import('esbuild')
  const result = await build({
    entryPoints: [here(entry)],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    minify: true,
    legalComments: 'none',
  })
  return result.outputFiles[0]!.text
}

function uncommented(shell: string): string {
  return shell.replaceAll(/^#.*\n/gm, '').trim()
}
