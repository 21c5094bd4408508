import { readFile } from 'node:fs/promises'
import type { Loader, PluginBuild } from 'esbuild'

/** How files of packages are imported that are no code. */
export const ASSET_LOADERS: Record<string, Loader> = {
  '.txt': 'text',
  '.html': 'text',
  '.sql': 'text',
  '.md': 'text',
  '.css': 'empty',
}

/** The default export: a compiled `WebAssembly.Module`, or an `ArrayBuffer`, as Workers have them. */
export function assetLoaders(build: PluginBuild): void {
  build.onLoad({ filter: /\.wasm$/, namespace: 'file' }, async ({ path }) => ({
    contents: `export default new WebAssembly.Module(${await bytesOf(path)})`,
  }))
  build.onLoad({ filter: /\.(?:bin|data)$/, namespace: 'file' }, async ({ path }) => ({
    contents: `export default ${await bytesOf(path)}.buffer`,
  }))
}

async function bytesOf(file: string): Promise<string> {
  return `Uint8Array.fromBase64(${JSON.stringify(await readFile(file, 'base64'))})`
}
