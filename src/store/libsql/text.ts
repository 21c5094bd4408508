/** Marks a text that is stored as JSON because the database would not give it back as it is. */
const MARK = '\u0001json:'

/**
 * Any text, as the database keeps it. A NUL ends a text when the local client reads it, and half a surrogate
 * pair has no UTF-8: functions print both, and source code may hold both.
 */
export function encodeText(text: string): string {
  if (!text.includes('\0') && text.isWellFormed() && !text.startsWith(MARK)) return text
  return MARK + JSON.stringify(text)
}

export function decodeText(stored: string): string {
  return stored.startsWith(MARK) ? (JSON.parse(stored.slice(MARK.length)) as string) : stored
}
