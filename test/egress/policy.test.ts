import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createPermit, type Rules } from '../../src/egress/policy.ts'

const test = suite('egress policy')

const PUBLIC = '93.184.215.14'
const PRIVATE = '10.0.0.5'

/** Which of the addresses behind a host may be reached; null: it is refused before it is looked up. */
function reached(rules: Partial<Rules>, host: string, addresses: readonly string[], port = 80) {
  const permit = createPermit({ policy: 'public', allow: [], own: 'policy', ownAllow: [], ...rules })
  return permit.refusal(host, port) === null ? permit.reachable(host, port, addresses) : null
}

test('public: public addresses, and of a mixed host those', () => {
  assert.equal(reached({}, 'a.test', [PUBLIC]), [PUBLIC])
  assert.equal(reached({}, 'a.test', [PRIVATE]), [])
  assert.equal(reached({}, 'a.test', [PRIVATE, PUBLIC, '::1']), [PUBLIC])
  assert.equal(reached({}, 'a.test', ['fe80::1%eth0']), [])
})

test('all: every address', () => {
  assert.equal(reached({ policy: 'all' }, 'a.test', [PRIVATE, '::1']), [PRIVATE, '::1'])
})

for (const list of ['allow', 'ownAllow'] as const) {
  test(`${list}: a host may resolve to anything, on any port`, () => {
    assert.equal(reached({ [list]: ['db.internal'] }, 'db.internal', [PRIVATE], 5432), [PRIVATE])
    assert.equal(reached({ [list]: ['db.internal'] }, 'db.internal.', [PRIVATE]), [PRIVATE])
    assert.equal(reached({ [list]: ['db.internal'] }, 'other.internal', [PRIVATE]), [])
    assert.equal(reached({ [list]: ['db.internal'] }, 'x.db.internal', [PRIVATE]), [])
  })

  test(`${list}: a host with a port, on that one`, () => {
    assert.equal(reached({ [list]: ['db.internal:81'] }, 'db.internal', [PRIVATE], 81), [PRIVATE])
    assert.equal(reached({ [list]: ['db.internal:81'] }, 'db.internal', [PRIVATE], 82), [])
  })

  test(`${list}: a suffix, of any depth, and not the name itself`, () => {
    const rules = { [list]: ['*.corp.test'] }
    assert.equal(reached(rules, 'a.corp.test', [PRIVATE]), [PRIVATE])
    assert.equal(reached(rules, 'a.b.corp.test', [PRIVATE]), [PRIVATE])
    assert.equal(reached(rules, 'corp.test', [PRIVATE]), [])
    assert.equal(reached(rules, 'evilcorp.test', [PRIVATE]), [])
    assert.equal(reached(rules, 'a.corp.test.evil.test', [PRIVATE]), [])
  })

  test(`${list}: an address or a network, whatever name led there`, () => {
    assert.equal(reached({ [list]: ['10.0.0.5'] }, 'a.test', [PRIVATE, '10.0.0.6']), [PRIVATE])
    assert.equal(reached({ [list]: ['10.0.0.5:80'] }, '10.0.0.5', [PRIVATE]), [PRIVATE])
    assert.equal(reached({ [list]: ['10.0.0.5:80'] }, '10.0.0.5', [PRIVATE], 81), [])
    assert.equal(reached({ [list]: ['10.0.0.0/29'] }, 'a.test', [PRIVATE, '10.0.0.8']), [PRIVATE])
    assert.equal(reached({ [list]: ['fd00::/8'] }, '[fd00::1]', ['fd00::1']), ['fd00::1'])
    assert.equal(reached({ [list]: ['::ffff:10.0.0.0/104'] }, 'a.test', [PRIVATE]), [PRIVATE])
    assert.equal(reached({ [list]: ['10.0.0.5'] }, '[::ffff:a00:5]', ['::ffff:a00:5']), ['::ffff:a00:5'])
  })
}

test('none: nothing but the operator’s list, and no name that is not on it is even looked up', () => {
  assert.is(reached({ policy: 'none' }, 'a.test', [PUBLIC]), null)
  assert.is(reached({ policy: 'none' }, PUBLIC, [PUBLIC]), null)
  assert.equal(reached({ policy: 'none', allow: ['a.test'] }, 'a.test', [PUBLIC]), [PUBLIC])
  assert.equal(reached({ policy: 'none', allow: ['10.0.0.0/8'] }, PRIVATE, [PRIVATE]), [PRIVATE])
  assert.is(reached({ policy: 'none', allow: ['10.0.0.0/8'] }, 'a.test', [PRIVATE]), null)
})

test('none: the callback’s own list opens nothing', () => {
  assert.is(reached({ policy: 'none', ownAllow: ['a.test'] }, 'a.test', [PUBLIC]), null)
  assert.is(reached({ policy: 'none', ownAllow: ['10.0.0.0/8'] }, PRIVATE, [PRIVATE]), null)
})

test('limits.egress none: nothing at all', () => {
  for (const policy of ['public', 'all', 'none'] as const) {
    const rules = { policy, own: 'none', allow: ['a.test'], ownAllow: ['a.test'] } as const
    assert.is(reached(rules, 'a.test', [PUBLIC]), null, policy)
  }
})

test('ports of other protocols are shut unless an entry names them', () => {
  for (const port of [0, 22, 25, 6667]) {
    assert.is(reached({}, 'a.test', [PUBLIC], port), null)
    assert.is(reached({ policy: 'all' }, 'a.test', [PUBLIC], port), null)
    assert.is(reached({ allow: ['a.test'] }, 'a.test', [PUBLIC], port), null)
  }
  assert.equal(reached({ allow: ['a.test:25'] }, 'a.test', [PUBLIC], 25), [PUBLIC])
  assert.equal(reached({ allow: ['10.0.0.5:25'] }, '10.0.0.5', [PRIVATE], 25), [PRIVATE])
})

test.run()
