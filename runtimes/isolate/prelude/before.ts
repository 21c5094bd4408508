// Libraries look at load time for things that are absent only while a snapshot is made. What stands in for
// them here is taken away again by `after.ts`, once everything has loaded.

const target = globalThis as unknown as Record<string, unknown>

/** Names of the stand-ins that were needed. */
export const standIns: string[] = []

// Getters serve libraries as brand checks: these know no object as theirs.
const notMine = () => {
  throw new TypeError('Illegal invocation')
}

for (const name of ['SharedArrayBuffer', 'Float16Array']) {
  if (name in target) continue
  const StandIn = class {}
  for (const key of ['byteLength', 'growable'])
    Object.defineProperty(StandIn.prototype, key, { get: notMine, configurable: true })
  Object.defineProperty(target, name, { value: StandIn, configurable: true, writable: true })
  standIns.push(name)
}
