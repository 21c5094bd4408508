const MAX_STRING = 10_000

/** A value that is no object, as it would be written in source. */
export function showPrimitive(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return (
        quote(value.length > MAX_STRING ? value.slice(0, MAX_STRING) : value) +
        rest(value.length - MAX_STRING)
      )
    case 'bigint':
      return `${value}n`
    case 'number':
      return Object.is(value, -0) ? '-0' : `${value}`
    case 'symbol':
      return Symbol.prototype.toString.call(value)
    default:
      return String(value)
  }
}

/** A property's name as it would be written in source. */
export function showKey(key: string | symbol): string {
  if (typeof key === 'symbol') return `[${Symbol.prototype.toString.call(key)}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key)
}

function rest(more: number): string {
  return more > 0 ? `... ${more} more characters` : ''
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\\': '\\\\',
}

function quote(text: string): string {
  const mark = !text.includes("'") ? "'" : !text.includes('"') ? '"' : !text.includes('`') ? '`' : "'"
  const body = text.replace(/[\x00-\x1f\x7f\\]/g, (letter) => ESCAPES[letter] ?? hex(letter))
  return mark + (mark === "'" ? body.replaceAll("'", "\\'") : body) + mark
}

function hex(letter: string): string {
  return `\\x${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
