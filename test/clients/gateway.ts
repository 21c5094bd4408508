import * as assert from 'uvu/assert'
import { until } from '../support/runtime-harness.ts'
import { startServer, type TestServer } from '../support/server.ts'

/** What a client that stops in the middle of a body is given. Milliseconds. */
export const BODY_TIMEOUT = 400
const PATIENCE = 20_000

/** A function that serves, as hostile clients see it. */
export interface Served {
  readonly id: number
  readonly path: string
  invocations(): Promise<readonly { request_id: string; status: number; outcome: string }[]>
  /** Calls that its live instances work on. */
  inFlight(): Promise<number>
  /** Waits for a line in its log. */
  untilLogged(message: string): Promise<void>
}

export interface Gateway extends TestServer {
  serve(code: string, limits?: Readonly<Record<string, unknown>>): Promise<Served>
  /** Fails unless the gateway is as healthy as ever: it answers for itself and for a function. */
  alive(after: string): Promise<void>
}

/** A gateway with a small patience and one function that says hello. */
export async function startGateway(settings: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const server = await startServer({ FAAS_BODY_TIMEOUT_MS: String(BODY_TIMEOUT), ...settings })
  let next = 1
  const list = async <T>(id: number, name: string): Promise<T> =>
    (await (await server.api(`/callbacks/${id}/${name}`)).json()) as T

  const serve = async (code: string, limits: Readonly<Record<string, unknown>> = {}): Promise<Served> => {
    const path = `served-${next++}`
    const { callback_id: id } = await server.register({ path, code, limits })
    await server.deploy(id)
    return {
      id,
      path,
      invocations: () => list(id, 'invocations'),
      async inFlight() {
        const { instances } = await list<{ instances: { in_flight: number }[] }>(id, 'instances')
        return instances.reduce((sum, { in_flight }) => sum + in_flight, 0)
      },
      untilLogged: (message) =>
        until(
          async () =>
            (await list<{ message: string }[]>(id, 'logs')).some((line) => line.message === message),
          `"${message}" was logged`,
          PATIENCE,
        ),
    }
  }

  const hello = await serve('export default () => new Response("hello")')
  return {
    ...server,
    serve,
    async alive(after) {
      const health = await server.api('/health')
      assert.is(((await health.json()) as { status: string }).status, 'healthy', after)
      const answer = await server.call(hello.path)
      assert.equal([answer.status, await answer.text()], [200, 'hello'], after)
    },
  }
}

/** The document of an error as it came over the wire. */
export function problemIn(body: string): { code: string; status: number; blame: string; request_id: string } {
  return JSON.parse(body) as ReturnType<typeof problemIn>
}
