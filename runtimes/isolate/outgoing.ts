import { TYPE } from '../../src/runtime/wire.ts'

/** The longest head and the most data that a guest has reason to send in one message. UTF-16 units and bytes. */
const MAX_HEAD = 4_194_304
const MAX_DATA = 4_194_304
const MAX_ID = 0xffff_ffff

/** What a guest may send: its log, and messages of exchanges. The rest is the host's own to say. */
function isGuestType(type: unknown): type is number {
  return (
    type === TYPE.LOG ||
    (typeof type === 'number' && Number.isInteger(type) && type >= TYPE.CALL && type < 64)
  )
}

/**
 * Whether four items that came out of an isolate are a message. The guest's own code makes no others, but it
 * shares its realm with the author's.
 */
export function isMessage(type: unknown, id: unknown, head: unknown, data: unknown): boolean {
  if (!isGuestType(type)) return false
  if (!Number.isInteger(id) || (id as number) < 0 || (id as number) > MAX_ID) return false
  if (typeof head !== 'string' || head.length > MAX_HEAD) return false
  if (data === null || data === undefined) return true
  return (typeof data === 'string' || data instanceof Uint8Array) && data.length <= MAX_DATA
}
