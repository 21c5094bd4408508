import { fileURLToPath } from 'node:url'

/** The worker guest's program as one script. */
export async function buildWorkerGuest(): Promise<string> {
  const { build } = await import('esbuild')
  const result = await build({
    entryPoints: [fileURLToPath(new URL('./main.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2024',
    minifyWhitespace: true,
  })
  return result.outputFiles[0]!.text
}
