import type { Exit, ExitReason } from '../../src/domain/outcome.ts'
import type { Call, Instance } from '../../src/runtime/runtime.ts'

/** An instance that runs nothing: tests end its calls by hand. */
export class FakeInstance implements Instance {
  readonly id: string
  readonly exited: Promise<Exit>
  readonly calls: Call[] = []
  closed: ExitReason | null = null
  memoryMb: number | null = null
  #settle!: (exit: Exit) => void

  constructor(id: string) {
    this.id = id
    this.exited = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  fetch(_request: Request, call: Call): Promise<Response> {
    this.calls.push(call)
    return new Promise(() => undefined)
  }

  async close(reason: ExitReason, detail: string = reason): Promise<Exit> {
    this.closed ??= reason
    this.end(reason, detail)
    return this.exited
  }

  /** As if the sandbox had ended by itself. */
  end(reason: ExitReason, detail: string = reason): void {
    this.#settle({ reason, detail, limit: null, used: null, cpu_ms: null, peak_memory_mb: null })
  }

  usage() {
    return { cpu_ms: null, memory_mb: this.memoryMb, peak_memory_mb: null, init_ms: 0 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close('shutdown')
  }
}
