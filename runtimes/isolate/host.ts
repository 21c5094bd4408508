/**
 * The isolate host: a process without rights that holds isolates and passes messages between them and the
 * gateway. It decides nothing: limits on the clock, retries and records are the gateway's.
 */
import ivm from 'isolated-vm'
import { type Hello, type Message, type PreludeHead, type StartHead, TYPE } from '../../src/runtime/wire.ts'
import { BlankStock, type Prelude, SELF_TEST, snapshotSurvives } from './blank.ts'
import { HostedInstance } from './instance.ts'
import { dropPrivileges } from './lockdown.ts'
import { MemoryWatch } from './memory-watch.ts'
import { openPort } from './port.ts'
import { WARM_UP } from './warm-up.ts'

const instances = new Map<number, HostedInstance>()
const watch = new MemoryWatch()
const decoder = new TextDecoder()
let stock: BlankStock | null = null

const port = openPort((message) => {
  switch (message.type) {
    case TYPE.PRELUDE:
      receivePrelude(message)
      break
    case TYPE.START:
      startInstance(message)
      break
    case TYPE.STOP:
      // An instance that is not here has already said EXITED.
      void instances.get(message.instance)?.stop(message.head, message.head)
      break
    default:
      instances.get(message.instance)?.receive(message)
  }
})

dropPrivileges()

function receivePrelude(message: Message): void {
  const { code: length, blanks } = JSON.parse(message.head) as PreludeHead
  const data = message.data as Uint8Array
  const code = decoder.decode(data.subarray(0, length))
  if (process.argv[2] === 'snapshot') {
    const made = ivm.Isolate.createSnapshot([{ code: SELF_TEST }, { code, filename: 'prelude.js' }], WARM_UP)
    const bytes = new Uint8Array(made.copy())
    port.send({
      type: TYPE.SNAPSHOT,
      instance: 0,
      id: 0,
      head: '',
      data: snapshotSurvives(made) ? bytes : null,
    })
    return
  }
  const bytes = data.slice(length)
  const snapshot = bytes.length === 0 ? null : new ivm.ExternalCopy(bytes.buffer)
  const usable = snapshot !== null && snapshotSurvives(snapshot)
  const prelude: Prelude = { code, snapshot: usable ? snapshot : null }
  stock = new BlankStock(prelude, blanks, catastrophe)
  stock.fill()
  const hello: Hello = { pid: process.pid, node: process.version, snapshot: usable }
  port.send({ type: TYPE.HELLO, instance: 0, id: 0, head: JSON.stringify(hello), data: null })
}

function startInstance(message: Message): void {
  const start = JSON.parse(message.head) as StartHead
  const number = message.instance
  port.send({ type: TYPE.ACCEPTED, instance: number, id: 0, head: '', data: null })
  try {
    if (stock === null) throw new Error('the prelude has not arrived')
    const blank = stock.take(start.memoryMb)
    const instance = new HostedInstance(
      number,
      blank,
      start,
      port,
      () => instances.delete(number),
      () => instances.size === 1,
      watch,
    )
    instances.set(number, instance)
    void instance.load(decoder.decode(message.data as Uint8Array))
  } catch (error) {
    const head = { kind: 'threw', name: 'Error', message: String(error), stack: '' }
    port.send({ type: TYPE.START_FAILED, instance: number, id: 0, head: JSON.stringify(head), data: null })
  }
}

/**
 * V8 has lost control over an isolate: the process cannot go on. stderr is written synchronously, so the
 * gateway learns why before it sees the process end.
 */
function catastrophe(detail: string): void {
  console.error(`isolate host: V8 lost control of an isolate: ${detail}`)
  process.abort()
}
