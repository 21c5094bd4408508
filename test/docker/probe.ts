import { readFileSync } from 'node:fs'
import type { Language } from '../../src/domain/runtime-name.ts'
import type { DockerGateway } from './gateway.ts'

/** A function that runs what it is sent. */
export interface Probe {
  readonly callbackId: number
  readonly path: string
  /** Runs code inside and gives what it returned. @throws Error with the answer when the call failed */
  run(code: string): Promise<unknown>
  /** Runs code inside and gives the answer, whatever it is. */
  answer(code: string, init?: RequestInit): Promise<Response>
}

const ENDINGS: Record<Language, string> = { python: 'py', node: 'js' }

/** The source of a function, from test/fixtures/functions. */
export function source(language: Language, name: string): string {
  const file = `../fixtures/functions/${language}/${name}.${ENDINGS[language]}`
  return readFileSync(new URL(file, import.meta.url), 'utf8')
}

/** Deploys it to docker. */
export async function deployProbe(
  gateway: DockerGateway,
  type: Language,
  fields: Readonly<Record<string, unknown>> & { readonly path: string },
): Promise<Probe> {
  const code = source(type, 'runs-what-it-is-sent')
  const { callback_id: callbackId, path } = await gateway.register({ type, code, ...fields })
  await gateway.deploy(callbackId, 'docker')
  const answer = (body: string, init: RequestInit = {}) =>
    gateway.call(path, { method: 'POST', headers: { 'content-type': 'text/plain' }, ...init, body })
  return {
    callbackId,
    path,
    answer,
    async run(body) {
      const response = await answer(body)
      const text = await response.text()
      if (response.status !== 200) throw new Error(`${response.status} ${text}`)
      return (JSON.parse(text) as { found: unknown }).found
    },
  }
}

/** A problem document, as far as these tests look at it. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly kill?: { readonly reason: string; readonly limit: number | null; readonly used: number | null }
  readonly error?: { readonly name: string; readonly message: string; readonly stack: string }
}

/** @throws Error where it is an answer of a function */
export async function problem(response: Response): Promise<Problem> {
  const text = await response.text()
  if (response.headers.get('content-type') !== 'application/problem+json')
    throw new Error(`no problem but ${response.status} ${text.slice(0, 500)}`)
  return { ...(JSON.parse(text) as Problem), status: response.status }
}
