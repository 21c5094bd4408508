import type { BuildError } from '../../domain/deployment.ts'
import type { Language } from '../../domain/runtime-name.ts'
import { BootFailure, BuildFailure } from '../../runtime/failures.ts'
import { authorStack } from '../../source-map/author-stack.ts'
import type { Build, StepTools } from '../build.ts'

/** Starts the new version once, so that a broken module fails the build and not the first caller. */
export async function boot(build: Build, tools: StepTools): Promise<void> {
  const { record, log, controller } = build
  const artifact = build.artifact!
  // An undeploy that is still ending what ran before must not end this instance with it.
  await tools.serving.run(record.callback_id, async () => {})
  try {
    await tools.activation.boot(record, artifact, log.line, controller.signal)
  } catch (error) {
    if (error instanceof BootFailure)
      throw new BuildFailure(bootError(error, record.type, artifact.files['main.js.map']))
    throw error
  }
}

function bootError(failure: BootFailure, type: Language, map: Uint8Array | undefined): BuildError {
  const { name, message, stack } = failure.thrown
  const { text, position } = authorStack(
    type,
    stack,
    map === undefined ? null : new TextDecoder().decode(map),
  )
  return {
    code: failure.code,
    message: failure.code === 'module_threw' ? `${name}: ${message}` : message,
    step: 'boot',
    // Without a frame it only says the message again.
    ...(/^ {4}at |^ +File "/m.test(text) ? { stack: text } : {}),
    ...position,
  }
}
