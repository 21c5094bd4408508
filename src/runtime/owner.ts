/** A gateway process as `hostname:pid:nonce` names it. */
interface Owner {
  readonly host: string
  readonly pid: number
}

function parse(owner: string): Owner | null {
  // A hostname may hold colons where it is an address.
  const match = /^(.*):(\d+):[^:]*$/.exec(owner)
  return match === null ? null : { host: match[1]!, pid: Number(match[2]) }
}

/** The host name of an owner's machine; empty where it is no owner's name. */
export function machineOf(owner: string): string {
  return parse(owner)?.host ?? ''
}

/**
 * Is an owner known to be gone? Only a process of this machine can be looked at; of any other the
 * lease alone tells.
 * @param self the owner that asks
 */
export function isKnownDead(owner: string, self: string): boolean {
  if (owner === self) return false
  const [other, mine] = [parse(owner), parse(self)]
  if (other === null || mine === null || other.host !== mine.host) return false
  // Its number is ours now, so it has ended. In containers this is the usual case.
  if (other.pid === mine.pid) return true
  return !isAlive(other.pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
