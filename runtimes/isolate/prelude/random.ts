import { callHost } from './host.ts'

const POOL = 4096
let pool = new Uint8Array(0)
let at = 0

/** Fills the bytes with randomness of cryptographic quality. Small amounts come from a pool, so that the host is asked rarely. */
export function fillRandom(target: Uint8Array): void {
  if (target.length > POOL / 4) {
    target.set(callHost('random', target.length) as Uint8Array)
    return
  }
  if (pool.length - at < target.length) {
    pool = callHost('random', POOL) as Uint8Array<ArrayBuffer>
    at = 0
  }
  const taken = pool.subarray(at, at + target.length)
  target.set(taken)
  // What was given out is forgotten here.
  taken.fill(0)
  at += target.length
}

export function randomHex(bytes: number): string {
  const target = new Uint8Array(bytes)
  fillRandom(target)
  let text = ''
  for (const byte of target) text += byte.toString(16).padStart(2, '0')
  return text
}
