import { readFile } from 'node:fs/promises'
import type { Loader, Message, Metafile, OnLoadResult, TransformOptions } from 'esbuild'
import { isPolyfill } from './builtins.ts'

/** Turns every async function into promises, which can be followed; see node/async-local-storage.ts. */
const LOWERED_ASYNC: TransformOptions = {
  supported: { 'async-await': false, 'async-generator': false, 'for-await': false },
  tsconfigRaw: { compilerOptions: {} },
  jsx: 'preserve',
  sourcemap: 'inline',
  target: 'es2024',
  logLevel: 'silent',
}

/** esbuild's `transform`. */
export type Transform = (code: string, options: TransformOptions) => Promise<{ code: string }>

/** Does the bundle hold AsyncLocalStorage? */
export function needsLoweredAsync(metafile: Metafile): boolean {
  return Object.values(metafile.outputs).some((output) =>
    Object.keys(output.inputs).some((file) => file.endsWith('deploy/bundle/node/async-local-storage.ts')),
  )
}

/** A file of the library, lowered. Polyfills stay as they are. */
export async function loweredFile(file: string, transform: Transform): Promise<OnLoadResult | undefined> {
  if (isPolyfill(file)) return undefined
  const loader = /\.[cm]?([jt]sx?)$/.exec(file)![1] as Loader
  return lowered(await readFile(file, 'utf8'), loader, file, transform)
}

/** Some code, lowered, or why it cannot be. */
export async function lowered(
  code: string,
  loader: Loader,
  sourcefile: string,
  transform: Transform,
): Promise<OnLoadResult> {
  try {
    return { contents: (await transform(code, { ...LOWERED_ASYNC, loader, sourcefile })).code, loader }
  } catch (error) {
    const { errors } = error as { errors?: Message[] }
    if (errors === undefined) throw error
    return { errors: errors.map(({ text, location }) => ({ text, location })) }
  }
}
