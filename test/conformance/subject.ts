import * as assert from 'uvu/assert'
import type { TestCallback, TestRequest, TestServer } from '../support/server.ts'
import type { Profile } from './profiles.ts'

/** One function of a case, in each language that has it. */
export type CaseCode = Readonly<Partial<Record<'node' | 'python', string>>>
/** The same function in both languages: what every case of the shared table has. */
export type SharedCode = Readonly<Record<'node' | 'python', string>>
export type JavaScriptCode = Readonly<Record<'node', string>>
export type PythonCode = Readonly<Record<'python', string>>

/** What a case sets besides the code. */
export interface Extras {
  /** The first segments of its path. @default one that no other function has */
  readonly base?: string
  /** What stands behind them, such as `:id/*`. */
  readonly path?: string
  readonly method?: string
  readonly env?: Readonly<Record<string, string>>
  readonly limits?: Readonly<Record<string, unknown>>
  readonly response_mode?: 'proxy' | 'envelope'
}

/** A function of a case that serves. */
export interface Deployed {
  readonly id: number
  /** Its path as registered. */
  readonly path: string
  readonly base: string
  readonly callback: TestCallback
  /** Calls it; `rest` is put behind its base as it is. */
  call(init?: TestRequest, rest?: string): Promise<Response>
  /** One of its lists: logs, invocations, instances or deployments. */
  list<T>(name: string): Promise<T>
}

/** What the table runs on. `Code`: the languages that a case must have code for. */
export interface Subject<Code extends CaseCode = CaseCode> extends Profile {
  readonly server: TestServer
  /** An address that a server of a test can listen on and functions can reach. */
  readonly reachable: string
  deploy(code: Code, extras?: Extras): Promise<Deployed>
  /** Registers without deploying. */
  register(code: Code, extras?: Extras): Promise<Deployed>
}

/** How cases are declared: a suite of uvu. */
export type Register = (name: string, handler: () => Promise<void>) => void

/** The settings that the cases count on; everything else is the gateway's default. */
export const SETTINGS = {
  FAAS_MAX_CALL_BODY_BYTES: '2000000',
  FAAS_QUEUE_LIMIT: '4',
}

let nextBase = 1

/** The subject for one runtime of a gateway that was started with `SETTINGS`. `deployed` gets each function's id. */
export function createSubject(
  profile: Profile,
  server: TestServer,
  reachable: string,
  deployed: (callbackId: number) => void,
): Subject {
  const register = async (code: CaseCode, extras: Extras = {}): Promise<Deployed> => {
    const source = code[profile.language]
    if (source === undefined) throw new Error(`the case has no code in ${profile.language}`)
    const { base = `case-${nextBase++}`, path, ...fields } = extras
    const callback = await server.register({
      ...fields,
      path: path === undefined ? base : `${base}/${path}`,
      type: profile.language,
      code: source,
    })
    return {
      id: callback.callback_id,
      path: callback.path,
      base,
      callback,
      call: (init, rest = '') => server.call(`${base}${rest}`, init),
      async list<T>(name: string) {
        const answer = await server.api(`/callbacks/${callback.callback_id}/${name}`)
        assert.is(answer.status, 200)
        return (await answer.json()) as T
      },
    }
  }
  return {
    ...profile,
    server,
    reachable,
    register,
    async deploy(code, extras) {
      const subject = await register(code, extras)
      deployed(subject.id)
      await server.deploy(subject.id, profile.cType)
      return subject
    },
  }
}

/** The live instances and the ended ones, as GET /callbacks/{id}/instances shows them. */
export interface Instances {
  readonly instances: readonly {
    instance_id: string
    state: string
    in_flight: number
    requests: number
    runtime: string
    generation: number
    age_ms: number
    memory_mb: number | null
  }[]
  readonly ended: readonly {
    instance_id: string
    reason: string
    detail: string
    limit: number | null
    used: number | null
    requests: number
    last_request_id: string | null
  }[]
}

/** Reads an answer's JSON. */
export async function jsonOf<T = Record<string, unknown>>(answer: Response | Promise<Response>): Promise<T> {
  return (await (await answer).json()) as T
}

/** A body that a test sends piece by piece: the call goes on until `end`. Clients send no head before a first piece. */
export function openBody(first = '.') {
  let controller!: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({
    start(made) {
      controller = made
      controller.enqueue(new TextEncoder().encode(first))
    },
  })
  const init: TestRequest & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
  return {
    init,
    send: (text: string) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
  }
}

/** A function that answers with one of these expressions: `?n=` says with which. */
export function choosing(expressions: readonly SharedCode[]): SharedCode {
  const node = expressions.map((row) => `() => (${row.node}),`).join('\n')
  const python = expressions.map((row) => `    lambda: (${row.python}),`).join('\n')
  return {
    node: `const rows = [\n${node}\n]
export const handler = ({ queryStringParameters }) => rows[queryStringParameters.n]()`,
    python: `rows = [\n${python}\n]
def handler(event):
    return rows[int(event["queryStringParameters"]["n"])]()`,
  }
}
