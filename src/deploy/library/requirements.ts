import { BuildFailure } from '../../runtime/failures.ts'

/** A line of a requirements.txt that means something, with where it begins. */
interface LogicalLine {
  readonly text: string
  /** 1-based. */
  readonly line: number
}

const FILES = /^(?:-r|-c|--requirement|--constraint)(?=[=\s./\w]|$)/
const EDITABLE = /^(?:-e|--editable)(?=[=\s./\w]|$)/
const INDEX = /^(?:-i|--index-url|--extra-index-url)(?:[=\s]+|(?<=^-i)|$)(\S*)/
const LINKS = /^(?:-f|--find-links)(?:[=\s]+|(?<=^-f)|$)(\S*)/
/** A single letter is a drive. */
const SCHEME = /^[a-z][a-z0-9+.-]+:/i
const PATH = /^(?:[.~/\\]|[a-z]:[\\/])|[\\/]|\.(?:whl|tar\.gz|tgz|tar|tar\.bz2|zip)$/i

/**
 * Reads the text of a requirements.txt: what names a file beside it or on the disk is refused, for there is none; the
 * rest is pip's to judge.
 * @returns what is to be installed, an entry a requirement
 * @throws BuildFailure `library_invalid` with the place
 */
export function parseRequirements(text: string): string[] {
  if (/[\0-\x08\x0e-\x1f\x7f]/.test(text)) {
    throw invalid('`library` must be the text of a requirements.txt: it has control characters', 1)
  }
  const lines = logicalLines(text)
  for (const entry of lines) check(entry)
  return lines.filter((entry) => !entry.text.startsWith('-')).map((entry) => entry.text)
}

/** Joins what ends in a backslash and leaves comments out, as pip does. */
function logicalLines(text: string): LogicalLine[] {
  const found: LogicalLine[] = []
  let open = ''
  let begin = 0
  const rows = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  for (const [at, row] of rows.entries()) {
    const comment = /^\s*#/.test(row)
    if (open === '') begin = at + 1
    if (!comment && row.endsWith('\\') && at < rows.length - 1) {
      open += row.slice(0, -1)
      continue
    }
    const whole = (open + (comment ? ` ${row}` : row)).replace(/(^|\s+)#.*$/, '').trim()
    open = ''
    if (whole !== '') found.push({ text: whole, line: begin })
  }
  return found
}

function check({ text, line }: LogicalLine): void {
  if (text.startsWith('-')) {
    checkOption(text, line)
    return
  }
  const [requirement = ''] = text.split(/\s+(?:--|;)|\s*;/)
  // `name @ address`, or an address or a path alone.
  const address = /^[a-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*@\s*(.*)$/i.exec(requirement)?.[1] ?? requirement
  if (/^file:/i.test(address) || (!SCHEME.test(address) && PATH.test(address))) {
    throw invalid(
      `Cannot install "${text}": there are no files beside \`library\`; name a package and its version`,
      line,
    )
  }
}

function checkOption(text: string, line: number): void {
  if (FILES.test(text)) {
    throw invalid(`Cannot read "${text}": there are no files beside \`library\`; write its lines here`, line)
  }
  if (EDITABLE.test(text)) {
    throw invalid(
      `Cannot install "${text}": a function has no folder of its own; name a package and its version`,
      line,
    )
  }
  const address = (INDEX.exec(text) ?? LINKS.exec(text))?.[1]
  if (address !== undefined && !/^https?:\/\/[^/]/i.test(address)) {
    throw invalid(`Cannot look for packages at "${address}": it must be an http or https address`, line)
  }
}

function invalid(message: string, line: number): BuildFailure {
  return new BuildFailure({
    code: 'library_invalid',
    message,
    step: 'validate',
    file: 'requirements.txt',
    line,
    column: 1,
  })
}
