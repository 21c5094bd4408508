import { existsSync } from 'node:fs'
import * as path from 'node:path'
import type { DockerOptions } from 'dockerode'
import { RuntimeUnavailable } from '../../../failures.ts'
import { type ContextEndpoint, readContext } from './context.ts'
import { readTls, type TlsFiles } from './tls-files.ts'

/** Where the engine is looked for. */
export interface AddressOptions {
  /** FAAS_DOCKER_HOST; null leaves it to the rules of Docker's own client. */
  readonly configured: string | null
  readonly env: Readonly<Record<string, string | undefined>>
  /** The user's home directory. */
  readonly home: string
}

/** The engine's address and why it is that one. */
export interface EngineAddress {
  /** For people: without credentials. */
  readonly url: string
  /** What named it: `FAAS_DOCKER_HOST`, `DOCKER_HOST`, `context "x"` or `default socket`. */
  readonly from: string
  /** Someone named it: then it is a mistake when no engine is there. */
  readonly explicit: boolean
  /** The socket's path, where it is one. */
  readonly socket: string | null
  /** What `new Dockerode()` takes; complete, so that it takes nothing of the environment besides. */
  readonly options: DockerOptions
}

const SYSTEM_SOCKET = '/var/run/docker.sock'
const PIPE = '//./pipe/docker_engine'
const PORTS: Readonly<Record<string, number>> = { http: 2375, https: 2376, ssh: 22 }

/**
 * Finds the engine as Docker's client does: FAAS_DOCKER_HOST, then DOCKER_HOST (with DOCKER_TLS_VERIFY and
 * DOCKER_CERT_PATH), then the current context, then the socket of the system, of Docker Desktop or of the user.
 * @throws RuntimeUnavailable when what was named is no address, or its context or certificates cannot be read
 */
export async function engineAddress({ configured, env, home }: AddressOptions): Promise<EngineAddress> {
  const named = configured || env.DOCKER_HOST
  if (named) {
    const from = configured ? 'FAAS_DOCKER_HOST' : 'DOCKER_HOST'
    const verify = Boolean(env.DOCKER_TLS_VERIFY)
    const folder = env.DOCKER_CERT_PATH || configFolder(env, home)
    const tls = verify || /^https:/.test(named) ? readTls(folder, `${from} asks for TLS`) : null
    return { ...parse(named, from, env, verify, tls), from, explicit: true }
  }
  const context = await readContext(configFolder(env, home), env.DOCKER_CONTEXT)
  if (context !== null) return ofContext(context, env)
  return { ...parse(`unix://${defaultSocket(env, home)}`, '', env, false, null), ...DEFAULT }
}

const DEFAULT = { from: 'default socket', explicit: false } as const

function ofContext({ name, host, tls }: ContextEndpoint, env: AddressOptions['env']): EngineAddress {
  const from = `context "${name}"`
  return { ...parse(host, from, env, tls !== null, tls), from, explicit: true }
}

type Parsed = Pick<EngineAddress, 'url' | 'socket' | 'options'>

function parse(
  address: string,
  from: string,
  env: AddressOptions['env'],
  secure: boolean,
  tls: TlsFiles | null,
): Parsed {
  const local = /^(unix|npipe):\/\/(.*)$/.exec(address)
  if (local !== null) {
    const socket = local[2] || (local[1] === 'npipe' ? PIPE : SYSTEM_SOCKET)
    return { url: `${local[1]}://${socket}`, socket, options: complete({ socketPath: socket }) }
  }
  const spelled = address.includes('://') ? address : `tcp://${address}`
  const scheme = /^(tcp|https?|ssh):\/\//.exec(spelled)?.[1]
  const parsable = spelled.replace(/^tcp:/, 'http:')
  if (scheme === undefined || !URL.canParse(parsable) || new URL(parsable).hostname === '')
    throw new RuntimeUnavailable(
      `${from} is "${address.replace(/\/\/[^/@]*@/, '//***@')}", which is no address of a Docker engine`,
      `set ${from} to unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST`,
    )
  const { hostname, username, port } = new URL(parsable)
  const protocol = scheme === 'ssh' ? 'ssh' : secure || scheme === 'https' ? 'https' : 'http'
  // A URL hides the port where it is the scheme's own.
  const number = Number(port || /:(\d+)\/?$/.exec(spelled)?.[1] || PORTS[protocol])
  const options = complete({
    protocol,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: number,
    ...(tls ?? {}),
    ...(protocol === 'ssh' ? sshOptions(decodeURIComponent(username), env.SSH_AUTH_SOCK) : {}),
  })
  return { url: `${scheme}://${hostname}:${number}`, socket: null, options }
}

function sshOptions(username: string, agent: string | undefined): DockerOptions {
  return { ...(username === '' ? {} : { username }), ...(agent ? { sshOptions: { agent } } : {}) }
}

/** What is left out here the client would take from DOCKER_HOST and its like. */
function complete(options: DockerOptions): DockerOptions {
  const nothing = {
    socketPath: undefined,
    host: undefined,
    port: undefined,
    protocol: undefined,
    username: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    pathPrefix: undefined,
  }
  return { ...nothing, ...options }
}

/** The first that is there; else the one that everyone expects. */
function defaultSocket(env: AddressOptions['env'], home: string): string {
  if (process.platform === 'win32') return PIPE
  const candidates = [
    SYSTEM_SOCKET,
    path.join(home, '.docker/run/docker.sock'),
    ...(env.XDG_RUNTIME_DIR ? [path.join(env.XDG_RUNTIME_DIR, 'docker.sock')] : []),
  ]
  return candidates.find((candidate) => existsSync(candidate)) ?? SYSTEM_SOCKET
}

function configFolder(env: AddressOptions['env'], home: string): string {
  return env.DOCKER_CONFIG || path.join(home, '.docker')
}
