import * as assert from 'uvu/assert'
import type { TestCallback, TestRequest, TestServer } from '../support/server.ts'

/** One function of a case, in each language that has it. */
export type CaseCode = Readonly<Partial<Record<'node' | 'python', string>>>

/** What a case sets besides the code. */
export interface Extras {
  /** What stands behind the case's own first segment, such as `:id/*`. */
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
  /** Its first segment, which no other case has. */
  readonly base: string
  readonly callback: TestCallback
  /** Calls it; `rest` is put behind its first segment as it is. */
  call(init?: TestRequest, rest?: string): Promise<Response>
  /** One of its lists: logs, invocations, instances or deployments. */
  list<T>(name: string): Promise<T>
}

/** What the table runs on. */
export interface Subject {
  /** As `requestContext.runtime` shows it. */
  readonly runtime: string
  readonly language: 'node' | 'python'
  readonly server: TestServer
  /** Limits that this runtime enforces besides time. */
  readonly hard: readonly ('memory' | 'cpu')[]
  deploy(code: CaseCode, extras?: Extras): Promise<Deployed>
  /** Registers without deploying. */
  register(code: CaseCode, extras?: Extras): Promise<Deployed>
}

/** How cases are declared: a suite of uvu. */
export type Register = (name: string, handler: () => Promise<void>) => void

/** The settings that the cases count on; everything else is the gateway's default. */
export const SETTINGS = {
  FAAS_MAX_CALL_BODY_BYTES: '2000000',
  FAAS_QUEUE_LIMIT: '4',
  FAAS_EGRESS_ALLOW: '127.0.0.1',
}

let nextBase = 1

/** The subject for one runtime of a gateway that was started with `SETTINGS`. */
export function createSubject(
  server: TestServer,
  about: Pick<Subject, 'runtime' | 'language' | 'hard'> & { readonly cType: string },
): Subject {
  const register = async (code: CaseCode, extras: Extras = {}): Promise<Deployed> => {
    const source = code[about.language]
    if (source === undefined) throw new Error(`the case has no code in ${about.language}`)
    const base = `case-${nextBase++}`
    const { path, ...fields } = extras
    const callback = await server.register({
      ...fields,
      path: path === undefined ? base : `${base}/${path}`,
      type: about.language,
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
    runtime: about.runtime,
    language: about.language,
    hard: about.hard,
    server,
    register,
    async deploy(code, extras) {
      const deployed = await register(code, extras)
      await server.deploy(deployed.id, about.cType)
      return deployed
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
