import type { Check } from '../check.ts'
import { fail, ok, type Verdict, warn } from '../finding.ts'
import type { Surroundings } from '../surroundings.ts'

const LOOPBACK = /^(localhost$|127\.|::1$)/

/** Every setting that is wrong, every name that is none, and whether the gateway is open to others. */
export function settingsCheck({ env, config, problems, warnings }: Surroundings): Check {
  const given = Object.keys(env).filter((name) => name.startsWith('FAAS_') && env[name] !== '').length
  return {
    id: 'settings',
    part: 'settings',
    about: 'the settings',
    late: (what) => fail(what, 'see docs/configuration.md'),
    async run() {
      const beside: Record<string, Verdict> = {}
      for (const [name, problem] of Object.entries(problems)) beside[name] = wrong(name, problem)
      for (const warning of warnings) {
        const name = warning.split(' ', 1)[0]!
        beside[name] = warn(warning, `correct the name or remove ${name}: it has no effect`)
      }
      if (config.insecure && config.adminToken === null && !LOOPBACK.test(config.host))
        beside.FAAS_INSECURE = warn(
          `FAAS_INSECURE lets anyone who reaches "${config.host}" deploy code`,
          'set FAAS_ADMIN_TOKEN and remove FAAS_INSECURE',
        )
      const count = Object.keys(problems).length
      const facts = {
        given,
        wrong: Object.keys(problems),
        host: config.host,
        admin_token: config.adminToken !== null,
      }
      const verdict =
        count === 0
          ? ok(`settings: ${given} given, the rest are defaults`, facts)
          : fail(
              `settings: ${count} of ${given} cannot be used`,
              'correct them: the lines below say how',
              facts,
            )
      return { verdict, beside }
    },
  }
}

/** The gateway's own sentence; one that says what to do after its last colon is cut there. */
function wrong(name: string, problem: string): Verdict {
  const cut = /^(.*): (set .*)$/.exec(problem)
  return cut === null
    ? fail(problem, `correct ${name} or unset it, then its default holds`)
    : fail(cut[1]!, cut[2]!)
}
