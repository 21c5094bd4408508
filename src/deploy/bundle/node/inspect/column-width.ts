/** Characters of two columns: East_Asian_Width W and F of Unicode, but for emoji, each as first and last. */
const WIDE = [
  0x1100, 0x115f, 0x2329, 0x232a, 0x2630, 0x2637, 0x268a, 0x268f, 0x2e80, 0x2e99, 0x2e9b, 0x2ef3, 0x2f00,
  0x2fd5, 0x2ff0, 0x303e, 0x3041, 0x3096, 0x3099, 0x30ff, 0x3105, 0x312f, 0x3131, 0x318e, 0x3190, 0x31e5,
  0x31ef, 0x321e, 0x3220, 0x3247, 0x3250, 0xa48c, 0xa490, 0xa4c6, 0xa960, 0xa97c, 0xac00, 0xd7a3, 0xf900,
  0xfaff, 0xfe10, 0xfe19, 0xfe30, 0xfe52, 0xfe54, 0xfe66, 0xfe68, 0xfe6b, 0xff01, 0xff60, 0xffe0, 0xffe6,
  0x16fe0, 0x16fe4, 0x16ff0, 0x16ff6, 0x17000, 0x18cd5, 0x18cff, 0x18d1e, 0x18d80, 0x18df2, 0x1aff0, 0x1aff3,
  0x1aff5, 0x1affb, 0x1affd, 0x1affe, 0x1b000, 0x1b122, 0x1b132, 0x1b132, 0x1b150, 0x1b152, 0x1b155, 0x1b155,
  0x1b164, 0x1b167, 0x1b170, 0x1b2fb, 0x1d300, 0x1d356, 0x1d360, 0x1d376, 0x1f200, 0x1f202, 0x1f210, 0x1f23b,
  0x1f240, 0x1f248, 0x1f260, 0x1f265, 0x20000, 0x2fffd, 0x30000, 0x3fffd,
]
const PLAIN = /^[\x20-\x7e]*$/
const NO_COLUMN = /^[\p{Cc}\p{Cf}\p{Me}\p{Mn}]$/u
const EMOJI = /^\p{Emoji_Presentation}$/u
const SOFT_HYPHEN = 0xad

/** How many columns a text takes where a character has one, as Node counts them (`getStringWidth`). */
export function columnWidth(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const character of text.normalize('NFC')) {
    const code = character.codePointAt(0)!
    width += isWide(code) || EMOJI.test(character) ? 2 : takesNone(code, character) ? 0 : 1
  }
  return width
}

function takesNone(code: number, character: string): boolean {
  return code !== SOFT_HYPHEN && NO_COLUMN.test(character)
}

function isWide(code: number): boolean {
  let low = 0
  let high = WIDE.length / 2 - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    if (code < WIDE[middle * 2]!) high = middle - 1
    else if (code > WIDE[middle * 2 + 1]!) low = middle + 1
    else return true
  }
  return false
}
