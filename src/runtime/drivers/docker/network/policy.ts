import type { RoutingRule } from './netlink.ts'

// linux/netlink.h, linux/xfrm.h
const XFRM_MSG_UPDPOLICY = 25
const REQUEST_ACK_CREATE = 0x1 | 0x4 | 0x400
const AF_INET = 2
const OUT = 1
const ACTION = { main: 0, unreachable: 1 }
const HEADER = 16
/** struct xfrm_userpolicy_info: selector, lifetime, use, then priority and the rest. */
const LENGTH = HEADER + 168
const LIFETIME = HEADER + 56
const REST = HEADER + 152
/** Four bounds of a lifetime, each without an end. */
const LIFETIME_BOUNDS = 32

/**
 * The netlink request (NETLINK_XFRM) for the policy that says the same as a routing rule with a destination. Rules
 * are not asked for broadcasts, and where a socket names its device itself (SO_BINDTODEVICE, which takes no privilege)
 * the kernel takes any destination that they refuse for one on the link; policies hold there too. One for the same
 * destination takes the place of the one before.
 * @returns null where the rule has no destination
 */
export function addPolicy({ priority, to, protocol = 0, port, action }: RoutingRule): Uint8Array | null {
  if (to === undefined || (action !== 'main' && action !== 'unreachable')) return null
  const bytes = new Uint8Array(LENGTH)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, LENGTH, true)
  view.setUint16(4, XFRM_MSG_UPDPOLICY, true)
  view.setUint16(6, REQUEST_ACK_CREATE, true)
  bytes.set(to.address, HEADER)
  if (port !== undefined) {
    view.setUint16(HEADER + 32, port)
    view.setUint16(HEADER + 34, 0xffff)
  }
  view.setUint16(HEADER + 40, AF_INET, true)
  bytes[HEADER + 42] = to.bits
  bytes[HEADER + 44] = protocol
  bytes.fill(0xff, LIFETIME, LIFETIME + LIFETIME_BOUNDS)
  view.setUint32(REST, priority, true)
  bytes[REST + 8] = OUT
  bytes[REST + 9] = ACTION[action]
  return bytes
}
