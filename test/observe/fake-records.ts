import type { Invocation, LogLine } from '../../src/domain/outcome.ts'
import type { InstanceExit, RecordStore } from '../../src/store/store.ts'

/** A record store in memory that can be told to fail. */
export interface FakeRecords extends RecordStore {
  readonly written: { invocations: Invocation[]; logs: LogLine[]; exits: InstanceExit[] }
  readonly batches: number[]
  /** Writes that were tried. */
  attempts: number
  trims: number
  /** Nothing answers: writes and reads reject. */
  down: boolean
  /** Writes reject when this says so of one of their rows. */
  refuses: (row: Invocation | LogLine | InstanceExit) => boolean
  /** Writes wait for this. */
  gate: Promise<void>
}

/** Makes the store. */
export function createFakeRecords(): FakeRecords {
  async function write<Row extends Invocation | LogLine | InstanceExit>(
    to: Row[],
    rows: readonly Row[],
  ): Promise<void> {
    fake.attempts++
    await fake.gate
    if (fake.down) throw new Error('the database does not answer')
    if (rows.some((row) => fake.refuses(row))) throw new Error('FOREIGN KEY constraint failed')
    fake.batches.push(rows.length)
    to.push(...rows)
  }
  async function read<Row>(rows: readonly Row[]): Promise<Row[]> {
    if (fake.down) throw new Error('the database does not answer')
    return [...rows]
  }
  const written: FakeRecords['written'] = { invocations: [], logs: [], exits: [] }
  const fake: FakeRecords = {
    written,
    batches: [],
    attempts: 0,
    trims: 0,
    down: false,
    refuses: () => false,
    gate: Promise.resolve(),
    addInvocations: (rows) => write(written.invocations, rows),
    addLogs: (rows) => write(written.logs, rows),
    addExits: (rows) => write(written.exits, rows),
    invocations: () => read(written.invocations),
    logs: () => read(written.logs.map((line, id) => ({ ...line, id }))),
    exits: () => read(written.exits),
    trim: async () => {
      await read([])
      fake.trims++
    },
  }
  return fake
}

/** A plain warm success. */
export function anInvocation(patch: Partial<Invocation> = {}): Invocation {
  return {
    request_id: 'r',
    callback_id: 1,
    version: 1,
    runtime: 'isolate',
    instance_id: 'i',
    status: 200,
    lambda_status_code: 200,
    start: 'warm',
    phases: { total: 1 },
    peak_memory_mb: null,
    outcome: 'answered',
    error: null,
    time: '2026-01-01T00:00:00.000Z',
    ...patch,
  }
}

/** A printed line. */
export function aLine(message: string, callback_id = 1): LogLine {
  return {
    callback_id,
    version: 1,
    instance_id: 'i',
    request_id: null,
    level: 'info',
    time: '2026-01-01T00:00:00.000Z',
    message,
  }
}
