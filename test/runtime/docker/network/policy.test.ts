import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addPolicy } from '../../../../src/runtime/drivers/docker/network/policy.ts'

const test = suite('netlink requests for policies')
const hex = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString('hex')

test('a policy that refuses a network, byte by byte', () => {
  const policy = addPolicy({
    priority: 0x2710,
    to: { address: [10, 1, 0, 0], bits: 16 },
    action: 'unreachable',
  })
  const header = 'b8000000 1900 0504 00000000 00000000'
  const selector = `0a010000 ${'0'.repeat(24)} ${'0'.repeat(32)} 0000 0000 0000 0000 0200 10 00 00 000000 00000000 00000000`
  const lifetime = `${'f'.repeat(64)} ${'0'.repeat(64)} ${'0'.repeat(64)}`
  const rest = '10270000 00000000 01 01 00 00 00000000'
  assert.is(hex(policy), `${header}${selector}${lifetime}${rest}`.replaceAll(' ', ''))
})

test('one for a port names the protocol, and the port in the order of the network', () => {
  const to = { address: [10, 0, 0, 2], bits: 32 }
  const policy = addPolicy({ priority: 1001, to, protocol: 17, port: 53, action: 'main' })
  const selector = '0a000002' + '0'.repeat(56) + '0035ffff' + '00000000' + '0200' + '20' + '00' + '11'
  assert.is(hex(policy).slice(32, 32 + selector.length), selector)
  assert.is(hex(policy).slice(-16), '0100000000000000')
})

test('rules without a destination have none', () => {
  assert.is(addPolicy({ priority: 10, protocol: 6, action: 1000 }), null)
  assert.is(addPolicy({ priority: 1000, action: 'next' }), null)
  assert.is(addPolicy({ priority: 100, action: 'main' }), null)
})

test.run()
