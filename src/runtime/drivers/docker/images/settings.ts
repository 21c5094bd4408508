import { readFile } from 'node:fs/promises'
import { npmRegistryEnvironment } from '../../../npm-registry.ts'

/** What the operator can set for installations. */
export interface InstallSettings {
  readonly pipIndexUrl: string | null
  readonly npmRegistry: string | null
  /** Path of a certificate in PEM that is trusted besides the usual ones. */
  readonly buildCaFile: string | null
  /** The gateway's environment: proxies are handed on, nothing else. */
  readonly env: Readonly<Record<string, string | undefined>>
}

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy']

/** The environment of pip. */
export function pipEnvironment(settings: InstallSettings): Record<string, string> {
  const env = proxies(settings)
  const { pipIndexUrl } = settings
  if (pipIndexUrl === null) return env
  env.PIP_INDEX_URL = pipIndexUrl
  const { protocol, host } = new URL(pipIndexUrl)
  // pip refuses an index without TLS unless it is named; the operator has named it.
  if (protocol === 'http:') env.PIP_TRUSTED_HOST = host
  return env
}

/** The environment of npm. */
export function npmEnvironment(settings: InstallSettings): Record<string, string> {
  const env = proxies(settings)
  return settings.npmRegistry === null ? env : { ...env, ...npmRegistryEnvironment(settings.npmRegistry) }
}

/** @throws Error of the file system, when the file cannot be read */
export async function readCertificate(settings: InstallSettings): Promise<string | null> {
  return settings.buildCaFile === null ? null : readFile(settings.buildCaFile, 'utf8')
}

/** Where addresses among these texts lead to, as `host:port`. */
export function destinationsOf(texts: readonly string[]): string[] {
  const destinations = texts.flatMap((text) => {
    if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return []
    const { protocol, hostname, port } = new URL(text)
    return [`${hostname}:${port || (protocol === 'http:' ? 80 : 443)}`]
  })
  return [...new Set(destinations)]
}

/** Hides logins in what is logged: pip and npm hide most of them, and packages may print what they like. */
export function redactor(settings: InstallSettings): (line: string) => string {
  const addresses = [settings.pipIndexUrl, settings.npmRegistry, ...Object.values(proxies(settings))]
  const secrets = addresses.flatMap((address) =>
    address !== null && URL.canParse(address) ? secretsOf(new URL(address)) : [],
  )
  return (line) => secrets.reduce((text, secret) => text.replaceAll(secret, '****'), line)
}

/** The password, or the token that stands alone, as it is written, meant and sent. */
function secretsOf({ username, password }: URL): string[] {
  if (username === '' && password === '') return []
  const secret = password || username
  const sent = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
    'base64',
  )
  return [secret, decodeURIComponent(secret), sent]
}

/** A proxy on the gateway's own loopback is nowhere in a container. */
function proxies({ env }: InstallSettings): Record<string, string> {
  const entries = PROXIES.flatMap((name) => {
    const value = env[name]
    return value === undefined || value === '' || isLoopback(value) ? [] : [[name, value] as const]
  })
  return Object.fromEntries(entries)
}

function isLoopback(value: string): boolean {
  const address = value.includes('://') ? value : `http://${value}`
  return URL.canParse(address) && /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(address).hostname)
}
