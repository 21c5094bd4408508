import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { findNpm, npmEnvironment } from '../../../deploy/library/npm.ts'
import { askIndex, type IndexAnswer } from '../ask-index.ts'
import type { Check } from '../check.ts'
import { type Facts, fail, note, ok, type Verdict, warn } from '../finding.ts'
import { runProgram, type Said } from '../run-program.ts'
import type { Surroundings } from '../surroundings.ts'

const part = 'builds'
/** So that npm itself says what was wrong, before its time is up. Milliseconds. */
const NPM_TIMEOUT = 2000
/** What a registry without a ping says to it. */
const NO_PING = /^E(404|405|501)$/

/** npm, and the registries that libraries are installed from. */
export function registryChecks(at: Surroundings): Check[] {
  return [
    {
      id: 'npm',
      part,
      about: 'npm',
      late: (what) => warn(what, 'run "npm --version" to see why'),
      async run(signal) {
        const npm = await findNpm(at.env.PATH).catch(() => null)
        if (npm === null)
          return warn(
            'npm: not found, so a library of a Node function cannot be installed for isolates',
            'install Node.js with npm, and put it on the PATH',
          )
        const version = (await runProgram(npm, ['--version'], { signal })).stdout.trim()
        if (version === '') return warn(`npm: "${npm}" does not run`, 'install Node.js with npm anew')
        return { verdict: ok(`npm: ${version}`, { version, executable: npm }), next: [npmRegistry(at, npm)] }
      },
    },
    pipIndex(at),
  ]
}

function npmRegistry({ config, env, problems }: Surroundings, npm: string): Check {
  const name = config.npmRegistry ?? 'npm’s default'
  const explicit = config.npmRegistry !== null
  const bad = (what: string, remedy: string, facts: Facts = {}): Verdict =>
    explicit ? fail(what, remedy, facts) : warn(what, remedy, facts)
  return {
    id: 'npm.registry',
    part,
    about: `the npm registry (${name})`,
    late: (what) => bad(what, 'set FAAS_NPM_REGISTRY to one that answers, or let this machine reach it'),
    async run(signal) {
      if (problems.FAAS_NPM_REGISTRY !== undefined) return note('npm registry: its setting is wrong')
      const home = await mkdtemp(path.join(tmpdir(), 'faas-doctor-'))
      try {
        const settings = { registry: config.npmRegistry, caFile: config.buildCaFile, env }
        const args = [
          'ping',
          '--no-update-notifier',
          '--loglevel=notice',
          '--fetch-retries=0',
          `--fetch-timeout=${NPM_TIMEOUT}`,
        ]
        const said = await runProgram(npm, args, { signal, cwd: home, env: npmEnvironment(home, settings) })
        return npmVerdict(said, bad)
      } finally {
        await rm(home, { recursive: true, force: true, maxRetries: 3 })
      }
    },
  }
}

function npmVerdict(said: Said, bad: (what: string, remedy: string, facts: Facts) => Verdict): Verdict {
  const registry = /PING (\S+)/.exec(said.stderr)?.[1] ?? 'npm’s default'
  const ms = Number(/PONG (\d+)ms/.exec(said.stderr)?.[1] ?? Number.NaN)
  const code = /^npm (?:error|ERR!) code (\S+)/m.exec(said.stderr)?.[1] ?? null
  const facts = { registry, ms: Number.isNaN(ms) ? null : ms, code }
  if (said.code === 0)
    return ok(`npm registry: ${registry} answers${Number.isNaN(ms) ? '' : ` in ${ms} ms`}`, facts)
  if (code !== null && NO_PING.test(code)) return ok(`npm registry: ${registry} answers`, facts)
  const seen = `npm registry: ${registry} cannot be used (${code ?? said.error ?? `npm ended with ${said.code}`})`
  return bad(seen, remedyOf(code ?? '', 'FAAS_NPM_REGISTRY'), facts)
}

function pipIndex({ config, env, problems }: Surroundings): Check {
  const index = config.pipIndexUrl
  return {
    id: 'pip.index',
    part,
    about: `the Python index (${index})`,
    late: (what) => fail(what, 'set FAAS_PIP_INDEX_URL to one that answers, or let this machine reach it'),
    async run(signal) {
      if (problems.FAAS_PIP_INDEX_URL !== undefined) return note('Python index: its setting is wrong')
      if (index === null)
        return ok('Python index: the one that pip has in the base image', { registry: null })
      const answer = await askIndex(index, { caFile: config.buildCaFile, env, signal })
      return pipVerdict(index, answer)
    },
  }
}

function pipVerdict(index: string, answer: IndexAnswer): Verdict {
  if ('error' in answer) {
    const facts = { registry: index, code: answer.error }
    return fail(
      `Python index: ${index} cannot be used (${answer.error})`,
      remedyOf(answer.error, 'FAAS_PIP_INDEX_URL'),
      facts,
    )
  }
  const ms = Math.round(answer.ms)
  const facts = { registry: index, ms, code: `E${answer.status}` }
  if (answer.status < 400 || answer.status === 404)
    return ok(`Python index: ${index} answers in ${ms} ms`, facts)
  return fail(
    `Python index: ${index} answers with ${answer.status}`,
    remedyOf(`E${answer.status}`, 'FAAS_PIP_INDEX_URL'),
    facts,
  )
}

function remedyOf(code: string, setting: string): string {
  if (/^E40[13]$/.test(code)) return `put the credentials into the address of ${setting}`
  if (/CERT|SIGN|ISSUER/.test(code))
    return 'set FAAS_BUILD_CA_FILE to the certificate authority that the registry uses'
  if (/^(ENOTFOUND|EAI_AGAIN)$/.test(code))
    return `correct the name in ${setting}, or the DNS of this machine`
  if (/^E5/.test(code)) return 'see the log of the registry, or try again later'
  return `set ${setting} to a registry that answers, or let this machine reach it`
}
