import type { Language } from '../../../../domain/runtime-name.ts'
import { BuildFailure } from '../../../failures.ts'
import { npmSentence, pipSentence } from '../../../install-sentences.ts'
import { MEMORY_MB } from './install.ts'
import { type FailedInstall, NO_PROGRAM } from './run-installer.ts'

const NO_INSTALLER = /No module named '?pip\b|there is no npm in the image/
/** The programs end with this when the gateway's side of their input ends. */
const INPUT_ENDED = 143

/** Where an installation was tried. */
export interface InstallPlace {
  readonly language: Language
  /** The base image, by name. */
  readonly base: string
  /** The operator has set where packages come from. */
  readonly indexSet: boolean
}

/** Why an installation failed: in the installer's own words, with what to do where the words do not tell it. */
export function failureOf(failed: FailedInstall, place: InstallPlace): BuildFailure {
  return new BuildFailure({
    code: 'library_install_failed',
    message: `Cannot install \`library\`: ${sentence(failed, place)}`,
    step: 'install',
  })
}

function sentence(
  { code, outOfMemory, output }: FailedInstall,
  { language, base, indexSet }: InstallPlace,
): string {
  const tool = language === 'python' ? 'pip' : 'npm'
  const setting = language === 'python' ? 'FAAS_PYTHON_IMAGE' : 'FAAS_NODE_IMAGE'
  if (code === INPUT_ENDED) return 'the connection to the Docker engine broke; deploy again'
  if (outOfMemory) return `it needed more than the ${MEMORY_MB} MB that an installation may use`
  const said = language === 'python' ? pipSentence(output) : npmSentence(output)
  if (NO_PROGRAM.test(said) || NO_INSTALLER.test(said)) {
    const lacks = NO_INSTALLER.test(said) ? tool : language === 'python' ? 'python3' : 'node'
    return `the base image "${base}" has no ${lacks}: set ${setting} to an image that has it`
  }
  if (/no space left on device|ENOSPC/i.test(said))
    return `${tool} says ${said}; free disk space where the engine runs, for instance with docker system prune`
  // pip tells nothing of an index that refuses the login.
  if (indexSet && /^No matching distribution found for \S+$/.test(said))
    return `pip says ${said}: FAAS_PIP_INDEX_URL names an index that does not have it or refuses its login`
  return `${tool} says ${said}`
}
