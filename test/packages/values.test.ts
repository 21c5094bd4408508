// @slow
// @timeout 180
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageSuite } from './cases.ts'

const test = suite('packages: validation, tokens, dates and values')

const PERSON = { name: 'Ada', age: 36, mail: 'ada@example.org' }
const NOBODY = { name: '', age: -1, mail: 'none' }

await packageSuite(test, [
  {
    name: 'zod',
    dependencies: { zod: '4.6.7' },
    code: `
      import { z } from 'zod'
      const Person = z.object({ name: z.string().min(1), age: z.number().int().positive(), mail: z.email() }).strict()
      export default async (request: Request) => {
        const result = Person.safeParse(await request.json())
        if (result.success) return Response.json({ name: result.data.name, schema: z.toJSONSchema(Person).required })
        return Response.json(result.error.issues.map((issue) => issue.path.join('.')), { status: 422 })
      }`,
    async check(call) {
      const good = await call('/run', { json: PERSON })
      assert.equal(await good.json(), { name: 'Ada', schema: ['name', 'age', 'mail'] })
      const bad = await call('/run', { json: NOBODY })
      assert.equal([bad.status, await bad.json()], [422, ['name', 'age', 'mail']])
    },
  },
  {
    name: 'valibot',
    dependencies: { valibot: '1.5.0' },
    code: `
      import * as v from 'valibot'
      const Person = v.strictObject({ name: v.pipe(v.string(), v.minLength(1)), age: v.pipe(v.number(), v.minValue(0)), mail: v.pipe(v.string(), v.email()) })
      export default async (request: Request) => {
        const result = v.safeParse(Person, await request.json())
        return result.success ? Response.json(result.output) : Response.json(v.flatten(result.issues).nested, { status: 422 })
      }`,
    async check(call) {
      assert.equal(await (await call('/run', { json: PERSON })).json(), PERSON)
      const bad = await call('/run', { json: NOBODY })
      assert.equal([bad.status, Object.keys(await bad.json())], [422, ['name', 'age', 'mail']])
    },
  },
  {
    name: 'ajv',
    dependencies: { ajv: '8.20.0' },
    // Ajv writes the code of its validators and compiles it with \`new Function\`.
    code: `
      const Ajv = require('ajv')
      const ajv = new Ajv({ allErrors: true })
      const validate = ajv.compile({
        type: 'object', required: ['name', 'age'], additionalProperties: false,
        properties: { name: { type: 'string', minLength: 1 }, age: { type: 'integer', minimum: 0 }, mail: { type: 'string', pattern: '@' } },
      })
      exports.handler = async (event) => validate(event.body)
        ? { statusCode: 200, body: { valid: true } }
        : { statusCode: 422, body: validate.errors.map((error) => error.instancePath + ' ' + error.message) }`,
    async check(call) {
      assert.equal(await (await call('/run', { json: PERSON })).json(), { valid: true })
      const bad = await call('/run', { json: NOBODY })
      assert.equal(await bad.json(), [
        '/name must NOT have fewer than 1 characters',
        '/age must be >= 0',
        '/mail must match pattern "@"',
      ])
    },
  },
  {
    name: 'jose',
    dependencies: { jose: '6.2.17' },
    code: `
      import * as jose from 'jose'
      const secret = new TextEncoder().encode('a secret of at least thirty-two bytes')
      export default async (request: Request) => {
        const how = new URL(request.url).searchParams.get('how')
        if (how === 'HS256') {
          const token = await new jose.SignJWT({ role: 'admin' }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(secret)
          const { payload } = await jose.jwtVerify(token, secret)
          const forged = token.slice(0, -8) + 'AAAAAAAA'
          const refused = await jose.jwtVerify(forged, secret).catch((error) => error.code)
          return Response.json({ role: payload.role, refused })
        }
        if (how === 'A256GCM') {
          const token = await new jose.CompactEncrypt(new TextEncoder().encode('hidden')).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(secret.subarray(0, 32))
          return new Response((await jose.compactDecrypt(token, secret.subarray(0, 32))).plaintext)
        }
        const { publicKey, privateKey } = await jose.generateKeyPair(how!, { extractable: true })
        const token = await new jose.SignJWT({ how }).setProtectedHeader({ alg: how! }).sign(privateKey)
        const pem = await jose.exportSPKI(publicKey)
        const { payload } = await jose.jwtVerify(token, await jose.importSPKI(pem, how!))
        const jwks = jose.createLocalJWKSet({ keys: [{ ...(await jose.exportJWK(publicKey)), alg: how! }] })
        return Response.json([payload.how, (await jose.jwtVerify(token, jwks)).payload.how])
      }`,
    async check(call) {
      const signed = await (await call('/run?how=HS256')).json()
      assert.equal(signed, { role: 'admin', refused: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' })
      assert.is(await (await call('/run?how=A256GCM')).text(), 'hidden')
      for (const how of ['ES256', 'EdDSA', 'RS256', 'PS256'])
        assert.equal(await (await call(`/run?how=${how}`)).json(), [how, how])
    },
  },
  {
    name: 'graphql',
    dependencies: { graphql: '17.1.0' },
    code: `
      import { buildSchema, graphql } from 'graphql'
      const schema = buildSchema('type Book { title: String! pages(min: Int = 0): Int } type Query { books(first: Int!): [Book!]! }')
      const books = [{ title: 'A', pages: () => 3 }, { title: 'B', pages: async ({ min }) => min }]
      export default async (request: Request) => {
        const { query, variables } = await request.json()
        return Response.json(await graphql({ schema, source: query, variableValues: variables, rootValue: { books: ({ first }) => books.slice(0, first) } }))
      }`,
    async check(call) {
      const query = 'query Q($n: Int!) { books(first: $n) { title pages(min: 9) } }'
      const found = await (await call('/run', { json: { query, variables: { n: 2 } } })).json()
      assert.equal(found, {
        data: {
          books: [
            { title: 'A', pages: 3 },
            { title: 'B', pages: 9 },
          ],
        },
      })
      const wrong = await (await call('/run', { json: { query: '{ books(first: 1) { author } }' } })).json()
      assert.match(wrong.errors[0].message, 'Cannot query field "author" on type "Book"')
    },
  },
  {
    name: 'dates',
    dependencies: { 'date-fns': '4.4.0', dayjs: '1.11.23' },
    code: `
      import { addMonths, differenceInCalendarDays, format, parseISO } from 'date-fns'
      import { de } from 'date-fns/locale'
      import dayjs from 'dayjs'
      import timezone from 'dayjs/plugin/timezone'
      import utc from 'dayjs/plugin/utc'
      import 'dayjs/locale/fr'
      dayjs.extend(utc)
      dayjs.extend(timezone)
      export const handler = () => {
        const day = parseISO('2026-01-31T12:00:00')
        return [
          format(addMonths(day, 1), 'yyyy-MM-dd'), format(day, 'EEEE', { locale: de }), differenceInCalendarDays(parseISO('2026-03-01'), day),
          dayjs.utc('2026-07-01T10:00:00Z').tz('Asia/Tokyo').format('YYYY-MM-DD HH:mm Z'), dayjs('2026-01-31').locale('fr').format('dddd D MMMM'),
        ]
      }`,
    async check(call) {
      const expected = ['2026-02-28', 'Samstag', 29, '2026-07-01 19:00 +09:00', 'samedi 31 janvier']
      assert.equal(await (await call('/run')).json(), expected)
    },
  },
  {
    name: 'lodash',
    dependencies: { lodash: '4.18.1' },
    code: `
      const _ = require('lodash')
      const capitalize = require('lodash/capitalize')
      exports.handler = async (event) => {
        const wait = await new Promise((resolve) => _.debounce(resolve, 5)('debounced'))
        return [
          _.chunk([1, 2, 3], 2), _.merge({ a: { b: 1 } }, { a: { c: 2 } }), _.groupBy([1, 2, 3], (n) => n % 2),
          _.template('<%= name %> has <% _.each(things, (t) => { %>[<%- t %>]<% }) %>')({ name: 'Ada', things: ['a', '<b>'] }),
          _.isEqual(_.cloneDeep(event.body), event.body), capitalize('aBC'), wait,
        ]
      }`,
    async check(call) {
      assert.equal(await (await call('/run', { json: PERSON })).json(), [
        [[1, 2], [3]],
        { a: { b: 1, c: 2 } },
        { 0: [2], 1: [1, 3] },
        'Ada has [a][&lt;b&gt;]',
        true,
        'Abc',
        'debounced',
      ])
    },
  },
  {
    name: 'ids',
    dependencies: { uuid: '14.0.3', nanoid: '6.0.2' },
    code: `
      import { customAlphabet, nanoid } from 'nanoid'
      import { v4, v5, v7, validate, version } from 'uuid'
      export default () => {
        const ids = Array.from({ length: 100 }, () => nanoid())
        return Response.json([
          v5('example.org', v5.DNS), [v4(), v7()].map((id) => validate(id) && version(id)),
          new Set(ids).size, ids.every((id) => /^[\\w-]{21}$/.test(id)), customAlphabet('ab', 30)(),
        ])
      }`,
    async check(call) {
      const [named, versions, different, wellFormed, custom] = await (await call('/run')).json()
      assert.is(named, 'aad03681-8b63-5304-89e0-8ca8f49461b5')
      assert.equal([versions, different, wellFormed], [[4, 7], 100, true])
      assert.match(custom, /^[ab]{30}$/)
    },
  },
])

test.run()
