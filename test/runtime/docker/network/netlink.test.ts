import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addRule } from '../../../../src/runtime/drivers/docker/network/netlink.ts'

const test = suite('netlink requests for routing rules')
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

test('a rule that refuses a network, byte by byte', () => {
  const rule = addRule({ priority: 0x2710, to: { address: [10, 1, 0, 0], bits: 16 }, action: 'unreachable' })
  const header = '2c000000 2000 0504 00000000 00000000'
  const body = '02 10 00 00 00 00 00 07 00000000'
  const attributes = '0800 0600 10270000  0800 0100 0a010000'
  assert.is(hex(rule), `${header}${body}${attributes}`.replaceAll(' ', ''))
})

test('a rule with a protocol that routes as usual, for any port: the kernel does not always know one', () => {
  const rule = addRule({ priority: 1001, protocol: 17, port: 53, action: 'main' })
  assert.equal(rule, addRule({ priority: 1001, protocol: 17, action: 'main' }))
  assert.match(hex(rule), /0500160011000000/)
  assert.match(hex(rule), /08000f00fe000000$/)
})

test('every length is right and padded', () => {
  for (const protocol of [undefined, 6]) {
    const rule = addRule({ priority: 10, action: 1000, ...(protocol === undefined ? {} : { protocol }) })
    assert.is(rule.length % 4, 0)
    assert.is(new DataView(rule.buffer).getUint32(0, true), rule.length)
  }
})

test.run()
