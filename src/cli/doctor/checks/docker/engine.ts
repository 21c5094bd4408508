import { userInfo } from 'node:os'
import type { EngineExaminer } from '../../../../runtime/drivers/docker/doctor/examine.ts'
import type { EngineVersion } from '../../../../runtime/drivers/docker/doctor/examined.ts'
import type { EngineAddress } from '../../../../runtime/drivers/docker/engine/address.ts'
import { RuntimeUnavailable } from '../../../../runtime/failures.ts'
import type { Check, Outcome } from '../../check.ts'
import { type Facts, fail, note, ok, type Verdict, warn } from '../../finding.ts'
import type { Surroundings } from '../../surroundings.ts'

/** The oldest engine that this was tried with: API 1.41 is Docker 20.10. */
const TRIED_API = 41
const START = 'start Docker, or point FAAS_DOCKER_HOST or DOCKER_HOST at an engine that runs'

/** Which engine is used and why, and whether it answers; all else about it is looked at only then. */
export function engineCheck(
  { config, env, home, problems }: Surroundings,
  more: (engine: EngineExaminer, address: EngineAddress) => readonly Check[],
): Check {
  let driver: typeof import('../../../../runtime/drivers/docker/doctor/examine.ts')
  let addresses: typeof import('../../../../runtime/drivers/docker/engine/address.ts')
  return {
    id: 'docker',
    part: 'docker',
    about: 'the Docker engine',
    late: (what) => fail(what, 'see the log of the engine, or start it anew'),
    async load() {
      driver = await import('../../../../runtime/drivers/docker/doctor/examine.ts')
      addresses = await import('../../../../runtime/drivers/docker/engine/address.ts')
    },
    async run() {
      if (problems.FAAS_DOCKER_HOST !== undefined) return note('engine: its setting is wrong')
      try {
        const address = await addresses.engineAddress({ configured: config.dockerHost, env, home })
        return await look(address, await driver.examineEngine(address.options), more)
      } catch (error) {
        if (error instanceof RuntimeUnavailable) return fail(`engine: ${error.message}`, error.remedy)
        throw error
      }
    },
  }
}

async function look(
  address: EngineAddress,
  engine: EngineExaminer,
  more: (engine: EngineExaminer, address: EngineAddress) => readonly Check[],
): Promise<Verdict | Outcome> {
  const facts = { address: address.url, from: address.from, reachable: false }
  try {
    const version = await engine.version()
    const verdict = usable(address, version, { ...facts, ...version, reachable: true })
    return { verdict, next: verdict.status === 'fail' ? [] : more(engine, address) }
  } catch (error) {
    return unreachable(address, error as NodeJS.ErrnoException, facts)
  }
}

function usable(address: EngineAddress, version: EngineVersion, facts: Facts): Verdict {
  const seen = `engine: Docker ${version.version} (API ${version.api}) at ${address.url}, by ${address.from}`
  if (version.os !== 'linux')
    return fail(`${seen} runs ${version.os} containers`, 'switch it to Linux containers', facts)
  if (Number(version.api.split('.')[1]) < TRIED_API)
    return warn(`${seen} is older than what was tried`, 'use Docker 20.10 or newer', facts)
  return ok(seen, facts)
}

function unreachable(address: EngineAddress, error: NodeJS.ErrnoException, facts: Facts): Verdict {
  const at = `engine: ${address.url}, by ${address.from},`
  const code = error.code ?? null
  const said = { ...facts, code }
  if (code === 'EACCES' || code === 'EPERM')
    return fail(
      `${at} may not be used by this user (${code})`,
      `add the user to group docker: "sudo usermod -aG docker ${userInfo().username}", then log in anew`,
      said,
    )
  if (address.explicit) {
    const why = code ?? error.message
    return fail(`${at} does not answer (${why})`, `start it, or correct ${address.from}`, said)
  }
  if (code === 'ENOENT')
    return warn(`${at} is not there, so Python functions have nothing to run on`, START, said)
  return warn(
    `${at} does not answer (${code ?? error.message}), so Python functions have nothing to run on`,
    START,
    said,
  )
}
