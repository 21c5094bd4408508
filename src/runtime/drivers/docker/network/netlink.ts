/** What is to be done with packets to somewhere: a rule of policy routing (ip-rule(8)) for IPv4, and a policy (`addPolicy`). */
export interface RoutingRule {
  /** Lower ones are looked at first. */
  readonly priority: number
  /**
   * `main`: route as usual. `unreachable`: refuse. `next`: a mark, nothing is decided. A number: go on with the rule
   * of that priority, which must be there: where none is, the kernel goes on with the next rule.
   */
  readonly action: 'main' | 'unreachable' | 'next' | number
  /** IP protocol; any other is not matched. */
  readonly protocol?: number
  readonly to?: { readonly address: readonly number[]; readonly bits: number }
  /** Looked at by the policy of the same destination, never by the routing rule; see `addRule`. */
  readonly port?: number
}

// linux/netlink.h, linux/rtnetlink.h, linux/fib_rules.h
const RTM_NEWRULE = 32
const REQUEST_ACK_CREATE = 0x1 | 0x4 | 0x400
const AF_INET = 2
const RT_TABLE_MAIN = 254
const ACTION = { main: 1, goto: 2, next: 3, unreachable: 7 }
const ATTRIBUTE = { dst: 1, goto: 4, priority: 6, table: 15, ipProto: 22 }
const HEADER = 16
const RULE_HEADER = 12

/**
 * The netlink request that adds a rule, to be acknowledged, in the byte order of x86 and ARM. Its port is left out: where
 * a router says that packets are too large, the kernel looks the route up without one, finds it refused, does not
 * learn the size and sends the same packet until the other side gives up.
 */
export function addRule(rule: RoutingRule): Uint8Array {
  const { action, to } = rule
  const attributes = [u32(ATTRIBUTE.priority, rule.priority)]
  if (to !== undefined) attributes.push(attribute(ATTRIBUTE.dst, to.address))
  if (rule.protocol !== undefined) attributes.push(attribute(ATTRIBUTE.ipProto, [rule.protocol]))
  if (typeof action === 'number') attributes.push(u32(ATTRIBUTE.goto, action))
  else if (action === 'main') attributes.push(u32(ATTRIBUTE.table, RT_TABLE_MAIN))
  const length = HEADER + RULE_HEADER + attributes.reduce((sum, { length }) => sum + length, 0)
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, length, true)
  view.setUint16(4, RTM_NEWRULE, true)
  view.setUint16(6, REQUEST_ACK_CREATE, true)
  const code = ACTION[typeof action === 'number' ? 'goto' : action]
  bytes.set([AF_INET, to?.bits ?? 0, 0, 0, action === 'main' ? RT_TABLE_MAIN : 0, 0, 0, code], HEADER)
  let at = HEADER + RULE_HEADER
  for (const part of attributes) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function u32(type: number, value: number): Uint8Array {
  return attribute(type, [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24])
}

/** Length and type before it, padded to four bytes. */
function attribute(type: number, payload: readonly number[]): Uint8Array {
  const length = 4 + payload.length
  const bytes = new Uint8Array((length + 3) & ~3)
  bytes.set([length & 255, length >> 8, type & 255, type >> 8])
  bytes.set(payload, 4)
  return bytes
}
