import type { Artifact, Deployment } from '../../src/domain/deployment.ts'
import { type Limits, resolveLimits } from '../../src/domain/limits.ts'
import { HangUp } from '../../src/runtime/hang-up.ts'
import type { Call, Instance, InstanceLog, Runtime } from '../../src/runtime/runtime.ts'

/** One function started on a driver, without a gateway around it. */
export interface Started {
  readonly instance: Instance
  readonly logs: InstanceLog[]
}

let nextId = 1

/** Wraps a module that needs no bundling the way the bundler would: the author's namespace under `callback`. */
export function moduleArtifact(code: string): Artifact {
  const source = code
    .replace(/export default /, 'const defaultExport = ')
    .replace(/export (const|function|async function) /g, '$1 ')
  const names = [...code.matchAll(/export (?:const|function|async function) (\w+)/g)].map((match) => match[1])
  const hasDefault = /export default /.test(code)
  const members = [...names, ...(hasDefault ? ['default: defaultExport'] : [])].join(', ')
  const text = `${source}\nexport const callback = { ${members} }\n`
  return {
    kind: 'javascript',
    digest: `test-${nextId++}`,
    files: { 'main.js': new TextEncoder().encode(text) },
  }
}

/** A deployment of that code. */
export function deploymentOf(
  runtime: Runtime,
  code: string,
  limits: Limits = {},
  env: Record<string, string> = {},
): Deployment {
  return {
    callback_id: 7,
    version: 3,
    runtime: runtime.name,
    path: 'things/:id',
    method: 'ANY',
    type: 'node',
    code,
    library: null,
    env,
    limits,
    response_mode: 'proxy',
    artifact: null,
  }
}

export interface StartExtras {
  readonly limits?: Limits
  readonly env?: Record<string, string>
  readonly egress?: (request: Request) => Promise<Response>
  readonly signal?: AbortSignal
}

export async function startFunction(
  runtime: Runtime,
  code: string,
  extras: StartExtras = {},
): Promise<Started> {
  const logs: InstanceLog[] = []
  const instance = await runtime.start(deploymentOf(runtime, code, extras.limits, extras.env), {
    id: `test-${nextId++}`,
    artifact: moduleArtifact(code),
    limits: resolveLimits(extras.limits ?? {}),
    signal: extras.signal ?? new AbortController().signal,
    log: (line) => logs.push(line),
    egress: {
      fetch: extras.egress ?? (() => Promise.reject(new TypeError('no network in this test'))),
      connect: () => Promise.reject(new TypeError('no network in this test')),
    },
  })
  return { instance, logs }
}

export interface Called {
  readonly response: Response
  /** Resolves when everything of the call has ended. */
  readonly settled: Promise<void>
}

/** One call, as the pool would make it. */
export async function call(
  instance: Instance,
  request: Request,
  extras: Partial<Call> = {},
): Promise<Called> {
  let settle: () => void = () => undefined
  const settled = new Promise<void>((resolve) => {
    settle = resolve
  })
  const bodiless = request.method === 'GET' || request.method === 'HEAD'
  const response = await instance.fetch(request, {
    requestId: 'request-1',
    pathParameters: { id: '42' },
    path: 'things/:id',
    sourceIp: '192.0.2.7',
    deadline: Date.now() + 10_000,
    body: bodiless ? null : undefined,
    hangUp: new HangUp(),
    depth: 0,
    respond: (status, headers, body) =>
      new Response(body as BodyInit | null, { status, headers: headers as [string, string][] }),
    settled: settle,
    ...extras,
  })
  return { response, settled }
}

/** Waits for a condition, bounded. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  ms = 5000,
): Promise<void> {
  const end = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`gave up waiting until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
