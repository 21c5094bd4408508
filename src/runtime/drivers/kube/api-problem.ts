/** What a cluster, or the way to it, said. */
export class ClusterProblem extends Error {
  override readonly name = 'ClusterProblem'
  /** HTTP status; null where no answer came. */
  readonly status: number | null
  /** Of the system or of TLS: `ECONNREFUSED`; null where there is none. */
  readonly code: string | null

  constructor(message: string, status: number | null, code: string | null) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** The client's own error without headers and requests, which hold tokens. */
export function problemOf(error: unknown): ClusterProblem {
  if (error instanceof ClusterProblem) return error
  const { code, body, message } = error as { code?: unknown; body?: unknown; message?: string }
  if (typeof code === 'number') return new ClusterProblem(saidIn(body) ?? `HTTP ${code}`, code, null)
  const inner = causeOf(error)
  const text = inner?.message ?? message ?? String(error)
  return new ClusterProblem(text.split('\n', 1)[0]!, null, inner?.code ?? null)
}

function saidIn(body: unknown): string | null {
  try {
    const { message } = (typeof body === 'string' ? JSON.parse(body) : body) as { message?: unknown }
    return typeof message === 'string' ? message : null
  } catch {
    return null
  }
}

/** The error at the bottom, which says more than "fetch failed", and the code of the system where there is one. */
function causeOf(error: unknown): { message: string; code: string | null } | null {
  let bottom: { message: string; code: string | null } | null = null
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException
    bottom = { message: at.message || String(code), code: typeof code === 'string' ? code : null }
    if (bottom.code !== null) break
  }
  return bottom
}
