import { readFile } from 'node:fs/promises'
import * as path from 'node:path'
import type { BuildFailure, Loader, PluginBuild } from 'esbuild'
import { builtinFile, builtinName, isBuiltin } from './builtins.ts'

/**
 * The absent built-ins that a file of a package requires only where it is ready for their absence: within `try`.
 * esbuild knows best what that is, and tells by which unresolved `require` is no error to it.
 */
export async function guardedRequires(
  file: string,
  esbuild: Pick<PluginBuild['esbuild'], 'build'>,
): Promise<ReadonlySet<string>> {
  const required = new Set<string>()
  const contents = await readFile(file, 'utf8')
  try {
    await esbuild.build({
      stdin: { contents, loader: loaderOf(file) },
      bundle: true,
      write: false,
      logLevel: 'silent',
      logLimit: 0,
      tsconfigRaw: {},
      plugins: [
        {
          name: 'absent',
          setup(build) {
            build.onResolve({ filter: /.*/ }, ({ path: specifier, kind }) => {
              const absent = isBuiltin(specifier) && builtinFile(builtinName(specifier)) === null
              if (!absent || kind !== 'require-call') return { path: specifier, external: true }
              required.add(specifier)
              return undefined
            })
          },
        },
      ],
    })
  } catch (error) {
    for (const { text } of (error as BuildFailure).errors ?? []) {
      const unguarded = /^Could not resolve "(.+)"$/.exec(text)?.[1]
      if (unguarded !== undefined) required.delete(unguarded)
    }
  }
  return required
}

function loaderOf(file: string): Loader {
  const found = /^\.[cm]?([jt]sx?)$/.exec(path.extname(file))
  return found === null ? 'js' : (found[1] as Loader)
}
