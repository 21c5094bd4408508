import { createServer } from 'node:net'
import type { Check } from '../check.ts'
import { type Facts, fail, note, ok, type Verdict } from '../finding.ts'
import type { Surroundings } from '../surroundings.ts'

/** Whether the port is free, or who has it. */
export function portCheck({ config, problems }: Surroundings): Check {
  const { host, port } = config
  const shown = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    id: 'port',
    part: 'machine',
    about: `port ${port}`,
    late: (what) => fail(what, 'set FAAS_PORT to another one'),
    async run(signal) {
      const facts: Facts = { host, port }
      if (problems.FAAS_PORT !== undefined) return note('port: its setting is wrong', facts)
      if (port === 0) return ok('port: 0, so a free one is picked at each start', facts)
      const refused = await listenOnce(host, port)
      if (refused === null) return ok(`port: ${shown} is free`, facts)
      if (refused === 'EADDRINUSE') return taken(shown, facts, signal, host)
      return refusal(shown, refused, facts)
    },
  }
}

function refusal(shown: string, code: string, facts: Facts): Verdict {
  const seen = `port: ${shown} cannot be listened on (${code})`
  if (code === 'EACCES')
    return fail(seen, 'set FAAS_PORT to 1024 or more, or allow this user ports below it', facts)
  if (/^(EADDRNOTAVAIL|ENOTFOUND|EAI_)/.test(code))
    return fail(seen, 'set FAAS_HOST to an address of this machine', facts)
  return fail(seen, 'set FAAS_HOST and FAAS_PORT to an address and a port of this machine', facts)
}

/** The error's code, or null where it can be listened on. */
function listenOnce(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)))
  })
}

async function taken(shown: string, facts: Facts, signal: AbortSignal, host: string): Promise<Verdict> {
  const everywhere = host === '0.0.0.0' || host === '::'
  const origin = `http://${everywhere ? `127.0.0.1:${facts.port}` : shown}`
  try {
    const answer = await fetch(`${origin}/health`, { signal, headers: { connection: 'close' } })
    const health = (await answer.json()) as { status?: string; version?: string; uptime_s?: number }
    if (health.status === 'healthy' && typeof health.version === 'string') {
      const { version, uptime_s = 0 } = health
      const said = { ...facts, gateway: { version, uptime_s, ready: await ready(origin, signal) } }
      return ok(
        `port: a gateway ${version} runs on ${shown}, since ${duration(uptime_s)}${said.gateway.ready ? '' : ', not ready'}`,
        said,
      )
    }
  } catch {
    // Whoever listens there is no gateway, or it is stuck.
  }
  return fail(
    `port: ${shown} is taken, and no gateway answers there`,
    'end what has it, or set FAAS_PORT to another one',
    { ...facts, gateway: null },
  )
}

async function ready(origin: string, signal: AbortSignal): Promise<boolean> {
  const answer = await fetch(`${origin}/ready`, { signal, headers: { connection: 'close' } }).catch(
    () => null,
  )
  await answer?.body?.cancel()
  return answer?.ok === true
}

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

function duration(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${seconds} s`
  if (seconds < 2 * HOUR) return `${Math.floor(seconds / MINUTE)} min`
  return seconds < 2 * DAY ? `${Math.floor(seconds / HOUR)} h` : `${Math.floor(seconds / DAY)} days`
}
