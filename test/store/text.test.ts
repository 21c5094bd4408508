// @slow
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { group } from '../../src/store/libsql/bulk.ts'
import { sql } from '../../src/store/libsql/statement.ts'
import { decodeText, encodeText } from '../../src/store/libsql/text.ts'
import { HARD_TEXTS } from './fixtures.ts'

const test = suite('store: text, statements and groups')

test('any text is decoded as it was encoded, and every database can keep it', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\0', '\ud800', '\udc00', 'a', '\u0001', 'json:') }),
    fc.constantFrom(...Object.values(HARD_TEXTS)).map((text) => encodeText(text)),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const stored = encodeText(text)
      assert.is(decodeText(stored), text)
      assert.ok(stored.isWellFormed() && !stored.includes('\0'))
    }),
    { numRuns: 500 },
  )
})

test('plain text stays readable in the database', () => {
  assert.is(encodeText('größe "x"\n😀'), 'größe "x"\n😀')
})

test('a statement takes the values that it names and no other', () => {
  assert.equal(sql('SELECT :a, :b_c, :a', { a: 1, b_c: null, other: 2 }).args, { a: 1, b_c: null })
  assert.throws(() => sql('SELECT :a', { b: 1 }), 'SQL parameter :a has no value')
})

test('groups keep the order and the bound', () => {
  const items = fc.array(fc.integer({ min: 0, max: 20 }))
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 30 }), (sizes, most) => {
      const groups = group(sizes, most, (size) => size)
      assert.equal(groups.flat(), sizes)
      for (const some of groups) {
        const total = some.reduce((sum, size) => sum + size, 0)
        assert.ok(some.length > 0 && (total <= most || some.filter((size) => size > 0).length === 1))
      }
    }),
  )
})

test.run()
