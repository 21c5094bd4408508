import { readFile } from 'node:fs/promises'
import * as http from 'node:http'
import * as https from 'node:https'
import { rootCertificates } from 'node:tls'

/** How an index answered: its HTTP status, or why not at all. */
export type IndexAnswer = { readonly status: number; readonly ms: number } | { readonly error: string }

/** Where to ask and what to heed. */
export interface AskOptions {
  readonly caFile: string | null
  /** For the proxies that it names. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

/** Asks a Python package index for one project, as pip would. Never rejects. */
export async function askIndex(index: string, options: AskOptions): Promise<IndexAnswer> {
  const url = new URL('pip/', index.endsWith('/') ? index : `${index}/`)
  const tls = url.protocol === 'https:'
  const ca = options.caFile === null ? null : await readFile(options.caFile, 'utf8').catch(() => null)
  const agentOptions = {
    proxyEnv: proxies(options.env),
    ...(ca === null ? {} : { ca: [...rootCertificates, ca] }),
  }
  const agent = tls ? new https.Agent(agentOptions) : new http.Agent(agentOptions)
  const started = performance.now()
  return new Promise((resolve) => {
    const settle = (answer: IndexAnswer) => {
      agent.destroy()
      resolve(answer)
    }
    const request = (tls ? https : http).request(url, {
      agent,
      signal: options.signal,
      headers: { accept: 'text/html' },
    })
    request.once('response', (answer) => {
      answer.destroy()
      settle({ status: answer.statusCode ?? 0, ms: performance.now() - started })
    })
    request.once('error', (error: NodeJS.ErrnoException) => settle({ error: error.code ?? error.message }))
    request.end()
  })
}

const PROXIES = /^(https?|no)_proxy$/i

function proxies(env: AskOptions['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => PROXIES.test(entry[0]) && entry[1] !== undefined,
    ),
  )
}
