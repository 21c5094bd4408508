/** As much of a document as the page at /docs uses, to run its script without a browser. */
export class SmallElement {
  [property: string]: unknown
  readonly tag: string
  readonly children: (SmallElement | string)[] = []
  readonly dataset: Record<string, string> = {}

  constructor(tag: string) {
    this.tag = tag
  }

  append(...children: (SmallElement | string)[]): void {
    this.children.push(...children)
  }

  replaceChildren(...children: (SmallElement | string)[]): void {
    this.children.splice(0, this.children.length, ...children)
  }

  focus(): void {}

  remove(): void {}

  set textContent(text: string) {
    this.replaceChildren(text)
  }

  get textContent(): string {
    return this.children.map((child) => (typeof child === 'string' ? child : child.textContent)).join(' ')
  }

  /** Every element below this one that the test accepts. */
  all(accept: (element: SmallElement) => boolean): SmallElement[] {
    return this.children.flatMap((child) => {
      if (typeof child === 'string') return []
      return [...(accept(child) ? [child] : []), ...child.all(accept)]
    })
  }
}
