import type { CaseResult, Results } from '../results.ts'
import { drawMarkdown, drawText } from './format.ts'
import { caseTable, ratioTable, runLines, targetTable } from './tables.ts'

const START = '<!-- bench -->'
const END = '<!-- /bench -->'

/** One case for a terminal. */
export function caseText(result: CaseResult): string {
  const ratios = ratioTable(result)
  const parts = [
    `${result.name} (${result.seconds.toFixed(0)} s): ${result.about}`,
    drawText(caseTable(result)),
    ...(ratios === null ? [] : [drawText(ratios)]),
    ...result.notes.map((note) => `note: ${note}`),
  ]
  return `${parts.join('\n\n')}\n`
}

/** The targets of a run for a terminal. */
export function targetText(results: Results): string {
  const targets = results.cases.flatMap((result) => result.targets)
  return targets.length === 0 ? '' : `${drawText(targetTable(targets))}\n`
}

/** A run for a page. @param details every case's figures, not the targets and the throughput alone */
export function markdown(results: Results, details: boolean): string {
  const targets = results.cases.flatMap((result) => result.targets)
  const shown = results.cases.filter(({ layout }) => details || layout === 'rounds')
  return [
    ...runLines(results),
    ...(targets.length === 0 ? [] : [drawMarkdown(targetTable(targets))]),
    ...shown.flatMap((result) => caseMarkdown(result, details)),
  ].join('\n\n')
}

function caseMarkdown(result: CaseResult, details: boolean): string[] {
  const ratios = ratioTable(result)
  return [
    `${details ? `**${result.name}.** ` : ''}${result.about}:`,
    drawMarkdown(caseTable(result)),
    ...(ratios === null ? [] : [drawMarkdown(ratios)]),
    ...result.notes.map((note) => `${note}.`),
  ]
}

/** Puts text between a page's markers. @throws Error where it does not have them, once and in order */
export function replaceBetweenMarkers(page: string, text: string): string {
  const [before, inside, ...more] = page.split(START)
  const end = inside?.indexOf(END) ?? -1
  if (inside === undefined || end === -1 || more.length > 0)
    throw new Error(`Cannot write the table: the page must have ${START} and ${END} once each`)
  return `${before}${START}\n${text}\n${inside.slice(end)}`
}
