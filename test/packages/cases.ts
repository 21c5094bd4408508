import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'uvu'
import { npmRegistry } from '../support/npm-registry.ts'
import { startServer, type TestRequest, type TestServer } from '../support/server.ts'
import { needing } from '../support/skip.ts'

/** A callback that uses packages of the registry, and what calling it must show. */
export interface PackageCase {
  /** Its path too: the callback gets every request below it. */
  readonly name: string
  /** Exact versions: a release of tomorrow must not decide about the code of today. */
  readonly dependencies: Readonly<Record<string, string>>
  readonly code: string
  /** @param call a call of the function: `path` is what stands behind its own, with a slash before it */
  check(call: (path: string, init?: TestRequest) => Promise<Response>): Promise<void>
}

/** Milliseconds. */
const BUILT_WITHIN = 100_000
const POLL = 100
/** Deploys so many at a time: npm and esbuild share the machine with the calls. */
const AT_ONCE = 2

/** One real gateway for all of the cases; each is installed, bundled and called over HTTP. */
export async function packageSuite(
  test: Test,
  cases: readonly PackageCase[],
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const online = needing(test, await npmRegistry())
  let server: TestServer | null = null
  test.after(async () => {
    await server?.stop()
  })
  let deployed: ReadonlyMap<string, Promise<void>> | null = null
  const ready = async (name: string): Promise<TestServer> => {
    server ??= await startServer(settings)
    deployed ??= deployAll(server, cases)
    await deployed.get(name)
    return server
  }
  for (const one of cases) {
    online(one.name, async () => {
      const gateway = await ready(one.name)
      await one.check((path, init) => gateway.call(`${one.name}${path}`, init))
    })
  }
}

function deployAll(server: TestServer, cases: readonly PackageCase[]): Map<string, Promise<void>> {
  const lanes: Promise<void>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve())
  return new Map(
    cases.map((one, at) => {
      const lane = at % AT_ONCE
      const done = lanes[lane]!.then(() => deploy(server, one))
      // The case that needs it hears of its failure; the next in the lane goes on.
      lanes[lane] = done.catch(() => undefined)
      return [one.name, done]
    }),
  )
}

async function deploy(server: TestServer, one: PackageCase): Promise<void> {
  const library = JSON.stringify({ dependencies: one.dependencies })
  const { callback_id } = await server.register({ path: `${one.name}/*`, code: one.code, library })
  await server.api('/deploy', { json: { callback_id, status: true } })
  // A registry may take its time: longer than one request can wait for a build.
  for (const end = Date.now() + BUILT_WITHIN; Date.now() < end; await delay(POLL)) {
    const { status } = await (await server.api(`/callbacks/${callback_id}`)).json()
    if (status === 'deployed') return
    if (status !== 'build') break
  }
  const builds = await (await server.api(`/callbacks/${callback_id}/deployments`)).text()
  throw new Error(`${one.name} was not deployed: ${builds}`)
}
