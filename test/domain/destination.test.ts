import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDestination } from '../../src/domain/destination.ts'

const test = suite('destinations')

const READ: readonly (readonly [text: string, host: string, port: number | null])[] = [
  ['db.internal', 'db.internal', null],
  ['DB.Internal.', 'db.internal', null],
  ['*.example.com', '*.example.com', null],
  ['localhost:8080', 'localhost', 8080],
  ['*.example.com:443', '*.example.com', 443],
  ['10.0.0.5', '10.0.0.5', null],
  ['10.0.0.5:80', '10.0.0.5', 80],
  ['::1', '::1', null],
  ['[::1]', '::1', null],
  ['[::1]:80', '::1', 80],
  ['FD00:0::1', 'fd00::1', null],
  ['xn--mnchen-3ya.de', 'xn--mnchen-3ya.de', null],
]

for (const [text, host, port] of READ) {
  test(`reads ${text}`, () => {
    assert.equal(parseDestination(text), { kind: 'host', host, port })
  })
}

test('reads networks', () => {
  assert.equal(parseDestination('10.0.0.0/8'), { kind: 'network', address: '10.0.0.0', bits: 8 })
  assert.equal(parseDestination('fd00::/8'), { kind: 'network', address: 'fd00::', bits: 8 })
  assert.equal(parseDestination('0.0.0.0/0'), { kind: 'network', address: '0.0.0.0', bits: 0 })
})

for (const text of [
  '',
  ' ',
  'http://example.com',
  'example.com/path',
  'user@example.com',
  'example.com:0',
  'example.com:65536',
  'a b',
  '1.2.3',
  '256.0.0.1',
  '010.0.0.1',
  '10.0.0.0/33',
  'fd00::/129',
  'db.internal/8',
  '*',
  '*.',
  'a.*.com',
  '[::1',
  'münchen.de',
  'a\nb',
  'a..b',
]) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.is(parseDestination(text), null)
  })
}

test.run()
