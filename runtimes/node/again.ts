import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { FrameReader, FrameWriter } from '../../src/runtime/frames.ts'
import type { Message } from '../../src/runtime/wire.ts'

/**
 * Has Node started once more, with a heap for this much memory: V8 cannot change the size of one. Nothing follows
 * START before it is answered, so that nothing else is lost.
 */
export function again(folder: string, memoryMb: number, start: Message): void {
  const writer = new FrameWriter()
  writer.write(start)
  writeFileSync(`${folder}.start`, writer.take(), { mode: 0o600 })
  writeFileSync(`${folder}.again`, `${memoryMb}\n`)
  process.exit(0)
}

/** The START that this process was started again for, if it was. */
export function savedStart(folder: string): Message | null {
  const file = `${folder}.start`
  if (!existsSync(file)) return null
  let start: Message | null = null
  new FrameReader((message) => {
    start = message
  }).push(readFileSync(file))
  rmSync(file)
  rmSync(`${folder}.again`)
  return start
}
