import type { BuildError } from '../domain/deployment.ts'
import type { Exit, ThrownError } from '../domain/outcome.ts'

/** A build ended because of the author's code or library, or of something the operator can mend. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure'
  readonly error: BuildError

  constructor(error: BuildError) {
    super(error.message)
    this.error = error
  }
}

/** An instance could not be started because the function's own module is broken or too slow to load. */
export class BootFailure extends Error {
  override readonly name = 'BootFailure'
  readonly thrown: ThrownError
  /** `no_handler`, `module_threw`, `boot_timeout`, `boot_memory`. */
  readonly code: string

  constructor(code: string, thrown: ThrownError) {
    super(thrown.message)
    this.code = code
    this.thrown = thrown
  }
}

/** The runtime itself could not start an instance: the platform's fault, worth a retry later. */
export class RuntimeUnavailable extends Error {
  override readonly name = 'RuntimeUnavailable'
  /** What to do about it. */
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}

/** The sandbox ended under a call for a reason that is not that call's: a sibling's limit, a lost host. */
export class InstanceGone extends Error {
  override readonly name = 'InstanceGone'
  readonly exit: Exit
  /** The function was given the call; if not, anyone may send it again. */
  readonly delivered: boolean

  constructor(exit: Exit, delivered = true) {
    super(exit.detail)
    this.exit = exit
    this.delivered = delivered
  }
}
