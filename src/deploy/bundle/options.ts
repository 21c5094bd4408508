import type { BuildOptions } from 'esbuild'
import type { Deployment } from '../../domain/deployment.ts'
import type { BundleTarget } from '../../runtime/runtime.ts'
import { ASSET_LOADERS } from './assets.ts'
import { REQUIRE_BANNER } from './external.ts'

/** What every build of an author's code has in common. */
const COMMON = {
  bundle: true,
  write: false,
  format: 'esm',
  // V8 runs newer syntax than this, except decorators, which esbuild lowers for any year.
  target: 'es2024',
  treeShaking: true,
  // Names stay as the author wrote them, for stacks and for `function.name`; `minifySyntax` would drop those of
  // function and class expressions.
  minifyWhitespace: true,
  charset: 'utf8',
  legalComments: 'none',
  sourcemap: 'external',
  metafile: true,
  outfile: 'main.js',
  logLevel: 'silent',
  jsx: 'automatic',
  // An object here also keeps esbuild from reading any tsconfig.json around the library.
  tsconfigRaw: { compilerOptions: {} },
  nodePaths: [],
  loader: ASSET_LOADERS,
} as const satisfies BuildOptions

/**
 * How packages resolve where Node built-ins are polyfilled: their builds for edge runtimes, workers and browsers,
 * which use web APIs alone.
 */
const EDGE: BuildOptions = {
  // Only under this name does esbuild honour a package's `browser` field.
  platform: 'browser',
  mainFields: ['browser', 'module', 'main'],
  conditions: ['workerd', 'edge-light', 'worker', 'browser', 'module'],
}

/** How packages resolve where the code runs on a whole Node: as Node itself would. */
const NODE: BuildOptions = { platform: 'node' }

/** esbuild's settings for one deployment and target; plugins, entry and folder come from the bundler. */
export function buildOptions(deployment: Deployment, target: BundleTarget): BuildOptions {
  if (!target.polyfillNode) {
    return {
      ...COMMON,
      ...NODE,
      ...(target.externalPackages ? { banner: { js: REQUIRE_BANNER } } : {}),
      define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
    }
  }
  return {
    ...COMMON,
    ...EDGE,
    define: {
      // Packages hold code for both modes; unless the author says otherwise, the production one is deployed.
      'process.env.NODE_ENV': JSON.stringify(deployment.env.NODE_ENV ?? 'production'),
      // The guest supplies the environment: reading it alone must not pull in the rest of `process`.
      'process.env': 'globalThis.process.env',
      global: 'globalThis',
      // There are no files; code that builds paths from its own place still loads.
      'import.meta.url': '"file:///callback.js"',
      __dirname: '"/"',
      __filename: '"/callback.js"',
    },
  }
}
