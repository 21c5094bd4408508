import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { RoutingRule } from '../../../../src/runtime/drivers/docker/network/netlink.ts'
import {
  closingRules,
  type EgressRules,
  type Surroundings,
} from '../../../../src/runtime/drivers/docker/network/ways-out.ts'

const test = suite('the ways out of a container')

const AROUND: Surroundings = {
  subnets: [{ address: [172, 30, 0, 0], bits: 16 }],
  host: [{ address: [203, 0, 114, 9], bits: 32 }],
  resolvers: [[10, 0, 0, 2]],
}
const TCP = 6
const UDP = 17

/** What the kernel would do: the first rule that matches decides, in the order of priorities. */
function verdict(rules: readonly RoutingRule[], address: string, protocol = TCP, port = 443): string {
  const octets = address.split('.').map(Number)
  const value = (list: readonly number[]) => list.reduce((sum, octet) => sum * 256 + octet, 0)
  const sorted = rules.toSorted((a, b) => a.priority - b.priority)
  let from = 0
  for (const rule of sorted) {
    if (rule.priority < from) continue
    const { to } = rule
    const size = 2 ** (32 - (to?.bits ?? 0))
    if (to !== undefined && Math.floor(value(octets) / size) !== Math.floor(value(to.address) / size))
      continue
    if (rule.protocol !== undefined && rule.protocol !== protocol) continue
    if (rule.port !== undefined && rule.port !== port) continue
    if (rule.action === 'main' || rule.action === 'unreachable') return rule.action
    if (typeof rule.action === 'number') {
      // Without its mark the kernel would go on as if the rule were not there.
      assert.ok(sorted.some(({ priority }) => priority === rule.action))
      from = rule.action
    }
  }
  return 'main'
}

const rulesOf = (rules: Partial<EgressRules> = {}) =>
  closingRules({ mode: 'public', allow: [], ...rules }, AROUND)

test('the public internet is open, private networks, metadata and the machine are not', async () => {
  const rules = await rulesOf()
  assert.is(verdict(rules, '93.184.216.34'), 'main')
  for (const address of [
    '10.1.2.3',
    '192.168.1.1',
    '169.254.169.254',
    '172.30.0.7',
    '203.0.114.9',
    '100.64.0.1',
  ])
    for (const protocol of [TCP, UDP, 1, 33, 132, 136])
      assert.is(verdict(rules, address, protocol), 'unreachable', `${address} by protocol ${protocol}`)
})

test('traffic of the kernel itself is not looked at', async () => {
  assert.is(verdict(await rulesOf(), '172.30.0.1', 0), 'main')
})

test('resolvers answer on port 53 and on no other', async () => {
  const rules = await rulesOf()
  assert.is(verdict(rules, '10.0.0.2', UDP, 53), 'main')
  assert.is(verdict(rules, '10.0.0.2', TCP, 53), 'main')
  assert.is(verdict(rules, '10.0.0.2', TCP, 80), 'unreachable')
})

test('with FAAS_EGRESS=all the machine and other functions stay closed', async () => {
  const rules = await rulesOf({ mode: 'all' })
  assert.is(verdict(rules, '10.1.2.3'), 'main')
  assert.is(verdict(rules, '172.30.0.7'), 'unreachable')
  assert.is(verdict(rules, '203.0.114.9'), 'unreachable')
  assert.is(verdict(rules, '169.254.169.254'), 'unreachable')
  assert.is(verdict(rules, '255.255.255.255'), 'unreachable')
})

test('what an allow list names is open, with its port where it has one', async () => {
  const rules = await rulesOf({ allow: ['192.168.7.7:5432', '10.9.0.0/16', 'fd00::/8', 'localhost'] })
  assert.is(verdict(rules, '192.168.7.7', TCP, 5432), 'main')
  assert.is(verdict(rules, '192.168.7.7', TCP, 22), 'unreachable')
  assert.is(verdict(rules, '10.9.200.1', UDP, 9), 'main')
  assert.is(verdict(rules, '10.8.200.1', UDP, 9), 'unreachable')
})

test('without an allow list and resolvers the rules still lead to their mark', async () => {
  const rules = await closingRules({ mode: 'public', allow: [] }, { ...AROUND, resolvers: [] })
  assert.is(verdict(rules, '10.1.2.3'), 'unreachable')
})

test.run()
