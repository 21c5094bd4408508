/** @see https://nodejs.org/api/util.html#utilinspectobject-options */
export interface InspectOptions {
  showHidden?: boolean
  depth?: number | null
  colors?: boolean
  customInspect?: boolean
  maxArrayLength?: number | null
  maxStringLength?: number | null
  breakLength?: number
  compact?: boolean | number
  sorted?: boolean | ((a: string, b: string) => number)
  getters?: boolean | 'get' | 'set'
  numericSeparator?: boolean
}

/** What a custom inspection is given. */
export interface InspectContext extends Required<InspectOptions> {
  stylize(text: string, style: string): string
}

/** One run: the options in numbers, and where on the way down it is. */
export interface Run {
  readonly options: Required<InspectOptions>
  readonly maxItems: number
  readonly maxCharacters: number
  /** 0: nothing is put on one line; Infinity: all that fits is. */
  readonly compact: number
  readonly stylize: (text: string, style: string) => string
  /** Shows a value further down. */
  readonly show: (value: unknown, level: number) => string
  readonly seen: object[]
  /** Numbers of the values that are met again within themselves. */
  readonly circles: Map<object, number>
  indentation: number
  /** The level of the object that was entered last. */
  lastLevel: number
}

export const DEFAULTS: Required<InspectOptions> = {
  showHidden: false,
  depth: 2,
  colors: false,
  customInspect: true,
  maxArrayLength: 100,
  maxStringLength: 10_000,
  breakLength: 80,
  compact: 3,
  sorted: false,
  getters: false,
  numericSeparator: false,
}

/** How the kinds of text are coloured. */
export const STYLES: Readonly<Record<string, string>> = {
  bigint: 'yellow',
  boolean: 'yellow',
  date: 'magenta',
  module: 'underline',
  null: 'bold',
  number: 'yellow',
  regexp: 'red',
  special: 'cyan',
  string: 'green',
  symbol: 'green',
  undefined: 'grey',
}

const COLORS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']

/** Codes of the terminal to begin and to end with. */
export const CODES: Readonly<Record<string, readonly [number, number]>> = {
  reset: [0, 0],
  bold: [1, 22],
  dim: [2, 22],
  italic: [3, 23],
  underline: [4, 24],
  blink: [5, 25],
  inverse: [7, 27],
  hidden: [8, 28],
  strikethrough: [9, 29],
  doubleunderline: [21, 24],
  framed: [51, 54],
  overlined: [53, 55],
  gray: [90, 39],
  grey: [90, 39],
  ...Object.fromEntries(COLORS.flatMap((color, at) => shades(color, at))),
}

function shades(color: string, at: number): [string, [number, number]][] {
  const background = `bg${color[0]!.toUpperCase()}${color.slice(1)}`
  return [
    [color, [30 + at, 39]],
    [background, [40 + at, 49]],
    [`${color}Bright`, [90 + at, 39]],
    [`${background}Bright`, [100 + at, 49]],
  ]
}

/** Colours a piece of text as its kind is. */
export function colored(text: string, kind: string): string {
  const style = STYLES[kind]
  return style === undefined ? text : styled(text, style)
}

/** Puts the terminal's codes for a style around a text; a style that is not known changes nothing. */
export function styled(text: string, style: string): string {
  const codes = CODES[style]
  return codes === undefined ? text : `\u001b[${codes[0]}m${text}\u001b[${codes[1]}m`
}

/** A text without what gives it colours. */
export function uncoloured(run: Run, text: string): string {
  return run.options.colors ? text.replaceAll(/\u001b\[\d+m/g, '') : text
}
