/** Writes bits, the lowest first. */
export class BitWriter {
  #bytes = new Uint8Array(1024)
  #length = 0
  #held = 0
  #count = 0

  /** @param count at most 16 */
  bits(value: number, count: number): void {
    this.#held |= value << this.#count
    this.#count += count
    while (this.#count >= 8) this.#flush()
  }

  /** Goes on at the next whole byte. */
  align(): void {
    if (this.#count > 0) {
      this.#count = 8
      this.#flush()
    }
  }

  bytes(): Uint8Array<ArrayBuffer> {
    this.align()
    return this.#bytes.slice(0, this.#length)
  }

  #flush(): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(this.#length * 2)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes[this.#length++] = this.#held & 0xff
    this.#held >>>= 8
    this.#count -= 8
  }
}
