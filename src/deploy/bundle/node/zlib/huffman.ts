/** A code for each symbol that occurs: how long it is, and its bits, the first one lowest. */
export interface Coding {
  readonly lengths: Uint8Array
  readonly codes: Uint16Array
}

/** The best code for some frequencies whose words are no longer than `max` bits. */
export function codingFor(frequencies: Uint32Array, max: number): Coding {
  return coding(limitedLengths(frequencies, max))
}

/** The canonical code of some lengths. */
export function coding(lengths: Uint8Array): Coding {
  const counts = new Uint16Array(16)
  for (const length of lengths) counts[length]!++
  counts[0] = 0
  const next = new Uint16Array(17)
  for (let bits = 1; bits <= 15; bits++) next[bits + 1] = (next[bits]! + counts[bits]!) << 1
  const codes = new Uint16Array(lengths.length)
  for (const [symbol, length] of lengths.entries()) {
    if (length > 0) codes[symbol] = reversed(next[length]!++, length)
  }
  return { lengths, codes }
}

function reversed(code: number, length: number): number {
  let out = 0
  for (let bit = 0; bit < length; bit++) out |= ((code >> bit) & 1) << (length - 1 - bit)
  return out
}

interface Coin {
  readonly weight: number
  readonly symbols: readonly number[]
}

/** Package-merge (Larmore and Hirschberg 1990): as often as a symbol is among the cheapest coins, so long is its code. */
function limitedLengths(frequencies: Uint32Array, max: number): Uint8Array {
  const lengths = new Uint8Array(frequencies.length)
  const coins: Coin[] = []
  for (const [symbol, weight] of frequencies.entries())
    if (weight > 0) coins.push({ weight, symbols: [symbol] })
  if (coins.length === 1) lengths[coins[0]!.symbols[0]!] = 1
  if (coins.length < 2) return lengths
  coins.sort((a, b) => a.weight - b.weight)
  let level: Coin[] = coins
  for (let bits = 1; bits < max; bits++) level = merged(coins, paired(level))
  for (const { symbols } of level.slice(0, 2 * coins.length - 2))
    for (const symbol of symbols) lengths[symbol]!++
  return lengths
}

function paired(coins: readonly Coin[]): Coin[] {
  return Array.from({ length: coins.length >> 1 }, (_, at) => {
    const [a, b] = [coins[at * 2]!, coins[at * 2 + 1]!]
    return { weight: a.weight + b.weight, symbols: [...a.symbols, ...b.symbols] }
  })
}

function merged(a: readonly Coin[], b: readonly Coin[]): Coin[] {
  const out: Coin[] = []
  for (let left = 0, right = 0; left < a.length || right < b.length; ) {
    const first = right >= b.length || (left < a.length && a[left]!.weight <= b[right]!.weight)
    out.push(first ? a[left++]! : b[right++]!)
  }
  return out
}
