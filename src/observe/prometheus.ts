export type Labels = Readonly<Record<string, string>>
export type MetricType = 'counter' | 'gauge' | 'histogram' | 'summary'

/** Writes Prometheus' text format 0.0.4: each metric once, its samples together. */
export class PrometheusText {
  readonly #lines: string[] = []

  /** Opens a metric; `sample` adds to it until the next one is opened. */
  metric(name: string, type: MetricType, help: string): void {
    this.#lines.push(`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`)
  }

  sample(name: string, labels: string, value: number): void {
    this.#lines.push(`${name}${labels} ${formatValue(value)}`)
  }

  toString(): string {
    return `${this.#lines.join('\n')}\n`
  }
}

/** `{a="1",b="2"}`, or nothing where there are none. */
export function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeLabel(value: string): string {
  return value.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}
