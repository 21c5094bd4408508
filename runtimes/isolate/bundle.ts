import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The URL library's tables of international names would outweigh all the rest: the host has its own. */
const replacements: Plugin = {
  name: 'replacements',
  setup(build) {
    build.onResolve({ filter: /^tr46$/ }, () => ({ path: here('./prelude/idn.ts') }))
  },
}

/**
 * Bundles the prelude into one script for a bare isolate.
 * @returns the script, and the files that it was made of (for a cache's key)
 */
export async function buildPrelude(): Promise<{ code: string; inputs: string[] }> {
  const { build } = await import('esbuild')
  const root = here('../..')
  const result = await build({
    entryPoints: [here('./prelude/main.ts')],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    keepNames: false,
    format: 'iife',
    platform: 'neutral',
    target: 'esnext',
    mainFields: ['module', 'main'],
    conditions: ['import', 'default'],
    // At load they would run before there is a TextEncoder; nothing here uses what they are for.
    pure: ['TextEncoder', 'TextDecoder'],
    legalComments: 'none',
    plugins: [replacements],
  })
  return {
    code: result.outputFiles[0]!.text,
    inputs: Object.keys(result.metafile.inputs).map((path) => `${root}${path}`),
  }
}
