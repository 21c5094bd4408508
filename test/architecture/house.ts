import { isProduct, type Rule, type Source } from './sources.ts'
import { codeOf } from './tokens.ts'

const MAX_LINES = 400
const CAPS: readonly (readonly [path: RegExp, lines: number])[] = [
  [/^src\/gateway\.ts$/, 150],
  [/^src\/main\.[a-z]+\.ts$/, 40],
]
const MEDIAN_BELOW = 100
const NINE_IN_TEN_BELOW = 250
const SIZED = /^(src|runtimes|test|bench|scripts)\/.*\.(ts|mts|js|mjs|py)$/
const USES_DENO =
  /^src\/(main\.deno|http\/deno-server)\.ts$|^src\/runtime\/drivers\/worker|^runtimes\/worker\/|^(test|bench)\//
const SUPPRESSION = /(biome-ignore|@ts-expect-error|@ts-ignore|@ts-nocheck|deno-lint-ignore)(.*)/g
const REASON = /^(-all|-start|-end|-file)?( [\w/-]+)?( --|:) (?!<)\S.{9,}/

/** No file is two things: a hard cap for each, a median and a ninth decile for the product. */
export function sizesHold(sources: readonly Source[]): string[] {
  const sized = sources.filter((source) => SIZED.test(source.path))
  const problems = sized.flatMap((source) => {
    const cap = CAPS.find(([path]) => path.test(source.path))?.[1] ?? MAX_LINES
    const lines = linesOf(source)
    return lines > cap ? [`${source.path} has ${lines} lines: at most ${cap} are allowed`] : []
  })
  const sorted = sized
    .filter(isProduct)
    .map(linesOf)
    .sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  const ninth = sorted[Math.floor(sorted.length * 0.9)] ?? 0
  if (median >= MEDIAN_BELOW)
    problems.push(`the median file has ${median} lines: it must be below ${MEDIAN_BELOW}`)
  if (ninth >= NINE_IN_TEN_BELOW) {
    problems.push(`one file in ten has ${ninth} lines or more: it must be below ${NINE_IN_TEN_BELOW}`)
  }
  return problems
}

/** The shape of what others made: stand-ins for Node's own modules inside a bundle, and types of packages. */
const SHAPED_BY_OTHERS = /^src\/deploy\/bundle\/node\/|\.d\.ts$/

/** Names are exported where they are made. */
export const noBarrels: Rule = (modules) =>
  modules.flatMap((module) => {
    if (SHAPED_BY_OTHERS.test(module.path)) return []
    const code = codeOf(module.tokens)
    if (/(^|\/)index\.[mc]?[jt]s$/.test(module.path)) return [`${module.path} is named like a barrel`]
    if (/\bexport\s*(type\s*)?\*/.test(code)) return [`${module.path} exports all of another file`]
    const rest = code.replaceAll(/\bexport\s+(type\s+)?\{[^}]*\}\s*from\s*''/g, '')
    const hasCode = rest.replaceAll(/\bimport\s[^']*''/g, '').replaceAll(/[\s;]/g, '') !== ''
    return rest !== code && !hasCode ? [`${module.path} only passes on what others export`] : []
  })

/** A name says the same thing everywhere. */
export const noDefaultExports: Rule = (modules) =>
  modules
    .filter((module) => !SHAPED_BY_OTHERS.test(module.path))
    .filter((module) => /\bexport\s+default\b|\bas\s+default\b/.test(codeOf(module.tokens)))
    .map((module) => `${module.path} has a default export`)

/** One host's own API stays in that host's entry and driver. */
export const denoStaysOnDeno: Rule = (modules) =>
  modules
    .filter((module) => !USES_DENO.test(module.path) && /\bDeno\./.test(codeOf(module.tokens)))
    .map((module) => `${module.path} uses Deno's own API`)

/** Every suppression of a check says why; those that silence a whole line or file unseen are not used. */
export const suppressionsGiveAReason: Rule = (modules) =>
  modules.flatMap((module) =>
    module.tokens
      .filter((token) => token.kind === 'comment')
      .flatMap((token) => [...token.text.matchAll(SUPPRESSION)])
      .filter(([, name, rest]) => /^@ts-(ignore|nocheck)/.test(name!) || !REASON.test(rest!))
      .map(([text]) => `${module.path} suppresses a check without a reason: ${text}`),
  )

/** uvu says nothing about a suite whose `.run()` is forgotten. */
export const suitesAreRun: Rule = (modules) =>
  modules
    .filter((module) => module.path.startsWith('test/') && !module.path.startsWith('test/fixtures/'))
    .flatMap((module) => {
      const code = codeOf(module.tokens)
      return [...code.matchAll(/\bconst (\w+)\s*=\s*suite\b/g)]
        .filter(([, name]) => !new RegExp(`\\b${name}\\.run\\(\\)`).test(code))
        .map(([, name]) => `${module.path} never calls ${name}.run()`)
    })

function linesOf(source: Source): number {
  return source.text.split('\n').length - (source.text.endsWith('\n') ? 1 : 0)
}
