import { type Finding, PARTS } from './finding.ts'

const BOLD = ['\u001b[1m', '\u001b[22m'] as const
const WIDTH = 5

/** Whether something has to be done before the gateway can do what it is set to. */
export function exitCode(findings: readonly Finding[]): 0 | 1 {
  return findings.some(({ status }) => status === 'fail') ? 1 : 0
}

/** A line a finding, below the part that it belongs to; what to do stands under it. */
export function prettyReport(findings: readonly Finding[], terminal: boolean): string {
  const bold = (text: string) => (terminal ? `${BOLD[0]}${text}${BOLD[1]}` : text)
  const lines = PARTS.flatMap((part) => {
    const own = findings.filter((finding) => finding.part === part)
    return own.length === 0 ? [] : [bold(part), ...own.flatMap((finding) => linesOf(finding, bold)), '']
  })
  return [...lines, summaryLine(findings), ''].join('\n')
}

/** All findings for programs. */
export function jsonReport(findings: readonly Finding[]): string {
  return `${JSON.stringify(inOrder(findings), null, 2)}\n`
}

function inOrder(findings: readonly Finding[]): Finding[] {
  return PARTS.flatMap((part) => findings.filter((finding) => finding.part === part))
}

function linesOf({ status, summary, remedy }: Finding, bold: (text: string) => string): string[] {
  const word = status.padEnd(WIDTH)
  const loud = status === 'warn' || status === 'fail'
  const line = `  ${loud ? bold(word) : word} ${oneLine(summary)}`
  return remedy === undefined ? [line] : [line, `  ${' '.repeat(WIDTH)} → ${oneLine(remedy)}`]
}

/** What others said may hold line breaks and what moves a terminal's cursor. */
function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
}

function summaryLine(findings: readonly Finding[]): string {
  const number = (status: Finding['status']) => findings.filter((finding) => finding.status === status).length
  const [problems, warnings] = [number('fail'), number('warn')]
  if (problems === 0 && warnings === 0) return 'All is well'
  const parts = [
    problems > 0 ? `${problems} to do` : '',
    warnings > 0 ? `${warnings} that could be better` : '',
  ]
  return `${parts.filter((part) => part !== '').join(', ')}: what to do stands behind each arrow`
}
