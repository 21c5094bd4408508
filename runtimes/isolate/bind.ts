import ivm from 'isolated-vm'
import { type BridgeHooks, createBridge } from './bridge/bridge.ts'
import type { Entry as GuestEntry } from './prelude/bind.ts'
import { LOCAL } from './prelude/host.ts'

export type { BridgeHooks } from './bridge/bridge.ts'

/** The isolate's functions, as references. See `prelude/bind.ts` for what they take. */
export interface Entry {
  readonly begin: ivm.Reference<GuestEntry['begin']>
  readonly load: ivm.Reference<GuestEntry['load']>
  readonly receive: ivm.Reference<GuestEntry['receive']>
}

/** What `receive` is called with when a timer is due. */
export const TICK = [LOCAL.TICK, 0, '', null] as const

/** Binds a context that has the prelude to its host. `hooks` may be filled in later, before the isolate runs. */
export function bindBridge(context: ivm.Context, hooks: BridgeHooks): Entry {
  const bridge = createBridge(hooks)
  const send = new ivm.Callback((flat: unknown[]) => bridge.send(flat), { ignored: true })
  const call = new ivm.Callback((service: unknown, argument: unknown) => bridge.call(service, argument), {
    sync: true,
  })
  const entry: ivm.Reference = context.evalClosureSync('return __faas_bind($0, $1)', [send, call], {
    result: { reference: true },
  })
  const member = <Key extends keyof Entry>(key: Key): Entry[Key] =>
    entry.getSync(key, { reference: true }) as unknown as Entry[Key]
  return { begin: member('begin'), load: member('load'), receive: member('receive') }
}
