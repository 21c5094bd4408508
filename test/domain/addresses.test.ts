import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contains, isPublic, readAddress } from '../../src/domain/addresses.ts'

const test = suite('addresses')

test('reads IPv4 and IPv6', () => {
  assert.equal(readAddress('1.2.3.4'), [1, 2, 3, 4])
  assert.equal(readAddress('::1'), [...Array(15).fill(0), 1])
  assert.equal(readAddress('::'), Array(16).fill(0))
  assert.equal(readAddress('2001:db8:1:2:3:4:5:6'), [32, 1, 13, 184, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6])
  assert.equal(readAddress('FE80::1:2')?.slice(-4), [0, 1, 0, 2])
})

test('IPv4 in IPv6 is the IPv4 address', () => {
  assert.equal(readAddress('::ffff:10.0.0.1'), [10, 0, 0, 1])
  assert.equal(readAddress('::ffff:a00:1'), [10, 0, 0, 1])
  assert.equal(readAddress('0:0:0:0:0:FFFF:0A00:0001'), [10, 0, 0, 1])
  assert.equal(readAddress('64:ff9b::169.254.169.254'), [169, 254, 169, 254])
})

for (const text of [
  '',
  'a',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '1.2.3.4%eth0',
  'fe80::1%eth0',
  ':::',
  '1::2::3',
  '[::1]',
]) {
  test(`${JSON.stringify(text)} is no address`, () => {
    assert.is(readAddress(text), null)
  })
}

for (const text of [
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '223.255.255.255',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
  '2606:4700::1111',
  '2a00:1450:4001::1',
]) {
  test(`${text} is public`, () => {
    assert.ok(isPublic(readAddress(text)!))
  })
}

for (const text of [
  '0.0.0.0',
  '0.1.2.3',
  '10.255.255.255',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.169.254',
  '169.254.170.2',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.168.1.1',
  '198.19.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::10.0.0.1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::',
  '3fff::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
]) {
  test(`${text} is not public`, () => {
    assert.not.ok(isPublic(readAddress(text)!))
  })
}

test('a network holds what agrees in its bits', () => {
  const address = readAddress('10.1.128.0')!
  assert.ok(contains({ address, bits: 17 }, readAddress('10.1.255.255')!))
  assert.not.ok(contains({ address, bits: 17 }, readAddress('10.1.127.255')!))
  assert.ok(contains({ address, bits: 0 }, readAddress('9.9.9.9')!))
  assert.ok(contains({ address, bits: 32 }, address))
  assert.not.ok(contains({ address, bits: 32 }, readAddress('10.1.128.1')!))
  assert.not.ok(contains({ address, bits: 0 }, readAddress('::1')!))
})

test.run()
