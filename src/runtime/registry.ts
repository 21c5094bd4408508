import type { Deployment } from '../domain/deployment.ts'
import { type CType, type Language, RUNTIME_NAMES, type RuntimeName } from '../domain/runtime-name.ts'
import type { Availability, Runtime } from './runtime.ts'

/** Which runtime a deploy gets, and which others may be tried when its code does not fit the first. */
export type Choice =
  | { readonly runtime: RuntimeName; readonly fallbacks: readonly RuntimeName[] }
  | { readonly problem: string }

/** The runtimes of this gateway, and what is known of those that are not there. */
export interface Registry extends AsyncDisposable {
  get(name: RuntimeName): Runtime | undefined
  /** Settles a caller's wish. A `problem` says what was looked for and what to start. */
  choose(language: Language, cType: CType): Promise<Choice>
  /** Has each runtime that is there remove what earlier processes left. @param active what serves */
  sweep(active: readonly Deployment[]): Promise<void>
  /**
   * Every runtime there could be, with why it cannot be used where it cannot.
   * @param withinMs how long those that are still starting are waited for
   */
  availability(withinMs?: number): Promise<Record<string, Availability>>
}

const PROBE_MS = 1000
/** A deploy waits this long for a runtime that is still starting. */
const CHOOSE_MS = 20_000
/** The order in which `auto` looks for a runtime. `worker` stands in for `isolate` where there is no Node. */
const ORDER: Record<Language, readonly RuntimeName[]> = {
  node: ['isolate', 'worker', 'docker', 'kube'],
  python: ['docker', 'kube', 'pyodide'],
}

/** What is said of a runtime that has no driver here. Workers are not missed: isolates run the same functions. */
const ABSENT: Partial<Record<RuntimeName, Availability>> = {
  isolate: {
    ready: false,
    reason: 'no Node.js that can load isolated-vm was found',
    remedy: 'install Node.js 24 or 26, or set FAAS_NODE to one',
  },
  kube: { ready: false, reason: 'this version has no kube driver', remedy: 'use c_type isolate or auto' },
  pyodide: {
    ready: false,
    reason: 'this version has no pyodide driver',
    remedy: 'Python needs a later version of the gateway',
  },
}
const UNKNOWN: Availability = {
  ready: false,
  reason: 'this host has no such runtime',
  remedy: 'use c_type auto',
}

/** @param runtimes the drivers of this gateway, at most one a name */
export function createRegistry(runtimes: readonly Runtime[]): Registry {
  const byName = new Map(runtimes.map((runtime) => [runtime.name, runtime]))
  const probe = async (name: RuntimeName, ms: number): Promise<Availability> =>
    (await byName.get(name)?.probe(AbortSignal.timeout(ms))) ?? ABSENT[name] ?? UNKNOWN
  const usable = async (language: Language, names: readonly RuntimeName[]) => {
    const speakers = names.filter((name) => byName.get(name)?.capabilities.languages.includes(language))
    const probes = await Promise.all(
      speakers.map(async (name) => ({ name, ready: (await probe(name, CHOOSE_MS)).ready })),
    )
    return probes.filter((entry) => entry.ready).map((entry) => entry.name)
  }

  return {
    get: (name) => byName.get(name),
    async choose(language, cType) {
      // Whoever asks for an isolate on a host that has only workers gets a worker: the same functions run there.
      const names =
        cType === 'auto' ? ORDER[language] : cType === 'isolate' ? (['isolate', 'worker'] as const) : [cType]
      if (!names.some((name) => ORDER[language].includes(name)))
        return { problem: wrongLanguage(language, cType) }
      const [runtime, ...fallbacks] = await usable(language, names)
      if (runtime !== undefined) return { runtime, fallbacks: cType === 'auto' ? fallbacks : [] }
      const looked = names.filter((name) => name !== 'worker')
      const reasons = await Promise.all(
        looked.map(async (name) => `${name} (${missing(await probe(name, PROBE_MS))})`),
      )
      return { problem: `Nothing here can run ${language}: looked for ${reasons.join(', ')}` }
    },
    async sweep(active) {
      const sweeping = runtimes.flatMap((runtime) => {
        const own = active.filter((deployment) => deployment.runtime === runtime.name)
        return runtime.sweep === undefined ? [] : [runtime.sweep(own)]
      })
      const failed = (await Promise.allSettled(sweeping)).find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    },
    async availability(withinMs = PROBE_MS) {
      const names = RUNTIME_NAMES.filter((name) => byName.has(name) || name in ABSENT)
      return Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await probe(name, withinMs)])),
      )
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(runtimes.map((runtime) => runtime[Symbol.asyncDispose]()))
    },
  }
}

function wrongLanguage(language: Language, cType: CType): string {
  const able = ORDER[language].filter((name) => name !== 'worker').join(', ')
  return `Cannot run ${language} on ${cType}: use c_type ${able} or auto`
}

function missing(availability: Availability): string {
  return availability.ready
    ? 'it does not run this language'
    : `${availability.reason}: ${availability.remedy}`
}
