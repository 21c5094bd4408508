import type { EngineExaminer } from '../../../../runtime/drivers/docker/doctor/examine.ts'
import type { Check, Outcome } from '../../check.ts'
import { fail, ok, type Verdict, warn } from '../../finding.ts'
import type { Surroundings } from '../../surroundings.ts'
import { bytes } from '../../units.ts'
import { pipCheck } from './pip-index.ts'

interface Base {
  readonly language: 'python' | 'node'
  readonly image: string
  readonly setting: 'FAAS_PYTHON_IMAGE' | 'FAAS_NODE_IMAGE'
  readonly name: string
  /** Prints the version alone. */
  readonly command: readonly string[]
  readonly oldest: readonly [major: number, minor: number]
}

/** The base images, and a container of each that starts. */
export function imageChecks(at: Surroundings, engine: EngineExaminer): Check[] {
  const bases: readonly Base[] = [
    {
      language: 'python',
      name: 'Python',
      image: at.config.pythonImage,
      setting: 'FAAS_PYTHON_IMAGE',
      command: ['python3', '-I', '-S', '-c', 'import sys; print(*sys.version_info[:3], sep=".")'],
      oldest: [3, 9],
    },
    {
      language: 'node',
      name: 'Node.js',
      image: at.config.nodeImage,
      setting: 'FAAS_NODE_IMAGE',
      command: ['node', '-p', 'process.versions.node'],
      oldest: [20, 0],
    },
  ]
  return bases.map((base) => imageCheck(base, at, engine))
}

function imageCheck(base: Base, at: Surroundings, engine: EngineExaminer): Check {
  const { image, name, setting } = base
  const explicit = Boolean(at.env[setting])
  return {
    id: `docker.image.${base.language}`,
    part: 'docker',
    about: `the image "${image}"`,
    late: (what) => warn(what, `pull it: docker pull ${image}`),
    async run(): Promise<Verdict | Outcome> {
      const found = await engine.image(image)
      if (found !== null) {
        const facts = { image, present: true, id: found.id, bytes: found.bytes, arch: found.arch }
        const own = base.language === 'python' && at.config.pipIndexUrl === null
        const next = [startCheck(base, engine, own ? [pipCheck(image, engine)] : [])]
        return { verdict: ok(`${name}: image "${image}" is there, ${bytes(found.bytes)}`, facts), next }
      }
      const offered = await engine.offered(image)
      const facts = { image, present: false, offered: offered === true }
      if (offered === true)
        return warn(
          `${name}: image "${image}" is not there yet, its registry has it`,
          `pull it, so that the first deploy need not: docker pull ${image}`,
          facts,
        )
      const seen = `${name}: image "${image}" is not there, and its registry does not give it (${offered})`
      return explicit
        ? fail(seen, `correct ${setting}, or see why this fails: docker pull ${image}`, facts)
        : warn(seen, `docker pull ${image}, or set ${setting} to an image that is there`, facts)
    },
  }
}

function startCheck(
  { language, name, image, setting, command, oldest }: Base,
  engine: EngineExaminer,
  next: readonly Check[],
): Check {
  const remedy = `run it to see why: docker run --rm ${image} ${command[0]} --version`
  return {
    id: `docker.start.${language}`,
    part: 'docker',
    about: `a container of "${image}"`,
    late: (what) => warn(what, 'see what else the engine is doing: "docker stats"'),
    async run(signal) {
      const trial = await engine.tryContainer({ image, command, network: false, signal }).catch(String)
      if (typeof trial === 'string')
        return fail(`${name}: a container of "${image}" cannot be started: ${trial}`, remedy, { image })
      const version = trial.output.trim()
      const ms = Math.round(trial.ms)
      const facts = { image, version, ms, code: trial.code }
      if (trial.code !== 0 || !/^\d+\.\d+/.test(version))
        return fail(
          `${name}: "${image}" does not run ${command[0]}: ${version || `exit code ${trial.code}`}`,
          `set ${setting} to an image that has ${name}`,
          facts,
        )
      const [major = 0, minor = 0] = version.split('.').map(Number)
      if (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))
        return fail(
          `${name}: "${image}" has ${version}`,
          `set ${setting} to an image with ${name} ${oldest.join('.')} or newer`,
          facts,
        )
      return {
        verdict: ok(`${name}: ${version} ran in a container, ${ms} ms from nothing to its end`, facts),
        next,
      }
    },
  }
}
