import type { EngineExaminer } from '../../../../runtime/drivers/docker/doctor/examine.ts'
import type { Check } from '../../check.ts'
import { note, ok, warn } from '../../finding.ts'

/** With no index set, pip's own is meant, and pip alone knows it. */
export function pipCheck(image: string, engine: EngineExaminer): Check {
  const command = ['python3', '-m', 'pip', 'index', 'versions', 'pip']
  const options = [
    '--disable-pip-version-check',
    '--no-input',
    '--no-cache-dir',
    '--retries=0',
    '--timeout=2',
  ]
  return {
    id: 'docker.pip-index',
    part: 'docker',
    about: 'pip in a container',
    late: (what) =>
      note(what, {}, 'where installations are slow too, set FAAS_PIP_INDEX_URL to a nearer index'),
    async run(signal) {
      const trial = await engine.tryContainer({
        image,
        command: [...command, ...options],
        network: true,
        signal,
      })
      const ms = Math.round(trial.ms)
      if (trial.code === 0)
        return ok(`Python: pip reaches its index from a container, in ${ms} ms`, { image, ms })
      const said = trial.output.trim().split('\n').at(-1) ?? ''
      return warn(
        `Python: pip does not reach its index from a container: ${said}`,
        'set FAAS_PIP_INDEX_URL to an index that containers reach, or see to their network',
        { image, code: trial.code, said: trial.output.slice(0, 2000) },
      )
    },
  }
}
