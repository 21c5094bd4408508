import { AUTHOR_FILE, AUTHOR_NAMESPACE } from './author-file.ts'
import { OWN_BUILTINS } from './builtins.ts'

interface SourceMap {
  sources: string[]
  sourcesContent?: (string | null)[]
}

/**
 * esbuild's map with sources that say nothing about the gateway's disk (`callback.ts`, `node_modules/…`,
 * `node_builtins/…`), and the content of the author's source alone.
 */
export function trimMap(text: string): string {
  const map = JSON.parse(text) as SourceMap
  const contents = map.sourcesContent ?? []
  const sources = map.sources.map(sourceName)
  return JSON.stringify({
    ...map,
    sources,
    sourcesContent: sources.map((name, at) => (name === AUTHOR_FILE ? (contents[at] ?? null) : null)),
  })
}

function sourceName(source: string): string {
  if (source === `${AUTHOR_NAMESPACE}:${AUTHOR_FILE}`) return AUTHOR_FILE
  const file = source.replaceAll('\\', '/')
  const own = file.lastIndexOf(ownFolder)
  if (own !== -1) return `node_builtins/${file.slice(own + ownFolder.length)}`
  const at = file.lastIndexOf('node_modules/')
  return at === -1 ? 'runtime' : file.slice(at)
}

const ownFolder = `${OWN_BUILTINS.replaceAll('\\', '/').split('/').slice(-3).join('/')}/`
