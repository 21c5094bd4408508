export type TokenKind = 'code' | 'string' | 'template' | 'comment' | 'regex'

/** A piece of a source file. A template is one token with all that it holds. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
}

// Behind these a slash begins a regular expression; behind a value it divides.
const BEFORE_REGEX =
  /(^|[(,=:[!&|?{};+\-*%<>~^\n]|\b(return|typeof|case|in|of|do|else|void|delete|throw|await))\s*$/

/** Cuts a source into code, strings, templates, comments and regular expressions. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let codeStart = 0
  let at = 0
  while (at < source.length) {
    const kind = kindAt(source, at, codeStart)
    if (kind === 'code') {
      at++
      continue
    }
    const end = endOf(kind, source, at)
    if (at > codeStart) tokens.push({ kind: 'code', text: source.slice(codeStart, at) })
    tokens.push({ kind, text: source.slice(at, end) })
    codeStart = at = end
  }
  if (at > codeStart) tokens.push({ kind: 'code', text: source.slice(codeStart) })
  return tokens
}

/** The code of a source alone, with an empty literal in place of every string, template and regex. */
export function codeOf(tokens: readonly Token[]): string {
  const stand = { code: null, string: "''", template: '``', regex: '/./', comment: ' ' }
  return tokens.map((token) => stand[token.kind] ?? token.text).join('')
}

function kindAt(source: string, at: number, codeStart: number): TokenKind {
  const char = source[at]
  if (char === "'" || char === '"') return 'string'
  if (char === '`') return 'template'
  if (char !== '/') return at === 0 && source.startsWith('#!') ? 'comment' : 'code'
  const next = source[at + 1]
  if (next === '/' || next === '*') return 'comment'
  const before = source.slice(Math.max(codeStart, at - 80), at)
  return BEFORE_REGEX.test(before) && (before.trim() !== '' || codeStart === 0 || before.includes('\n'))
    ? 'regex'
    : 'code'
}

function endOf(kind: TokenKind, source: string, at: number): number {
  if (kind === 'comment') {
    const block = source.startsWith('/*', at)
    const end = source.indexOf(block ? '*/' : '\n', at + 2)
    return end === -1 ? source.length : end + (block ? 2 : 0)
  }
  if (kind === 'template') return endOfTemplate(source, at)
  return kind === 'regex' ? endOfRegex(source, at) : endOfString(source, at)
}

function endOfString(source: string, at: number): number {
  let index = at + 1
  while (index < source.length && source[index] !== source[at] && source[index] !== '\n') {
    index += source[index] === '\\' ? 2 : 1
  }
  return index + 1
}

function endOfRegex(source: string, at: number): number {
  let index = at + 1
  for (let inClass = false; index < source.length && (inClass || source[index] !== '/'); index++) {
    if (source[index] === '\\') index++
    else if (source[index] === '[') inClass = true
    else if (source[index] === ']') inClass = false
  }
  return index + 1
}

function endOfTemplate(source: string, at: number): number {
  let index = at + 1
  while (index < source.length && source[index] !== '`') {
    if (source[index] === '\\') index += 2
    else if (source.startsWith('${', index)) index = endOfSubstitution(source, index + 2)
    else index++
  }
  return index + 1
}

function endOfSubstitution(source: string, at: number): number {
  let index = at
  for (let depth = 1; index < source.length; ) {
    const kind = kindAt(source, index, at)
    if (kind !== 'code') {
      index = endOf(kind, source, index)
      continue
    }
    if (source[index] === '{') depth++
    if (source[index] === '}' && --depth === 0) return index + 1
    index++
  }
  return index
}
