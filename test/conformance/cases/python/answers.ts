import * as assert from 'uvu/assert'
import { problemOf, UNSENDABLE } from '../../problems.ts'
import type { PythonCode, Register, Subject } from '../../subject.ts'

const json = 'application/json'
const text = 'text/plain;charset=UTF-8'
const bytes = 'application/octet-stream'

/** What only Python has as a value, and how it goes out. */
const VALUES: readonly (readonly [expression: string, type: string, body: string])[] = [
  ['(1, 2)', json, '[1,2]'],
  [
    'datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)',
    json,
    '"2026-01-02T03:04:05+00:00"',
  ],
  ['datetime.date(2026, 1, 2)', json, '"2026-01-02"'],
  ['{"price": decimal.Decimal("9.99"), "count": decimal.Decimal("3")}', json, '{"price":9.99,"count":3}'],
  ['uuid.UUID(int=1)', json, '"00000000-0000-0000-0000-000000000001"'],
  ['{"set": {7}}', json, '{"set":[7]}'],
  ['Point(1, "two")', json, '{"x":1,"y":"two"}'],
  ['{"colour": Colour.RED}', json, '{"colour":"red"}'],
  ['10 ** 30', json, '1000000000000000000000000000000'],
  ['b"\\x01\\x02"', bytes, '\x01\x02'],
  ['iter(["a", "b"])', text, 'ab'],
  ['(piece for piece in [b"a", b"b"])', bytes, 'ab'],
  ['io.BytesIO(b"a file")', bytes, 'a file'],
  [
    '{"statusCode": 200, "headers": {"content-type": "text/csv"}, "body": iter(["1,2\\n", "3,4\\n"])}',
    'text/csv',
    '1,2\n3,4\n',
  ],
]

const MODULE = `
import dataclasses, datetime, decimal, enum, io, uuid
@dataclasses.dataclass
class Point:
    x: int
    y: str
class Colour(enum.Enum):
    RED = "red"
`

/** Generators in each of their forms: all answer with the same three pieces. */
const GENERATORS: readonly (readonly [name: string, python: string])[] = [
  [
    'a handler that is a generator',
    'def handler(event):\n    yield "one "\n    yield "two "\n    yield "three"',
  ],
  [
    'a handler that is an asynchronous generator',
    'import asyncio\nasync def handler(event):\n    for piece in ("one ", "two ", "three"):\n        await asyncio.sleep(0)\n        yield piece',
  ],
  [
    'a generator that is returned',
    'def pieces():\n    yield "one "\n    yield b"two "\n    yield "three"\ndef handler(event):\n    return pieces()',
  ],
  [
    'an asynchronous generator that is returned',
    'async def pieces():\n    yield "one "\n    yield "two "\n    yield "three"\nasync def handler(event):\n    return pieces()',
  ],
]

/** What cannot be sent, and what the sentence says of it. */
const REFUSED: readonly (readonly [expression: string, told: RegExp])[] = [
  ['float("nan")', /nan, JSON has no such number/],
  ['{"a": [1, {"b": object()}]}', /a\[1\]\.b is of type object/],
  ['{(1, 2): 3}', /key that is of type tuple/],
  ['{"statusCode": 200, "body": {"x": 1j}}', /x is of type complex/],
]

/** Answers that only Python has. */
export function pythonAnswerCases(test: Register, { deploy }: Subject<PythonCode>): void {
  const choosing = (expressions: readonly string[]) => ({
    python: `${MODULE}
rows = [
${expressions.map((expression) => `    lambda: (${expression}),`).join('\n')}
]
def handler(event):
    return rows[int(event["queryStringParameters"]["n"])]()`,
  })

  test('answer: values of Python alone', async () => {
    const subject = await deploy(choosing(VALUES.map(([expression]) => expression)))
    for (const [index, [expression, type, body]] of VALUES.entries()) {
      const answer = await subject.call({}, `?n=${index}`)
      assert.is(await answer.text(), body, expression)
      assert.is(answer.status, 200, expression)
      assert.is(answer.headers.get('content-type')?.replace(/;\s*/, ';'), type, expression)
      assert.is(answer.headers.get('x-lambda-status-code'), '200', expression)
    }
  })

  test('answer: what cannot be written is named', async () => {
    const subject = await deploy(choosing(REFUSED.map(([expression]) => expression)))
    for (const [index, [expression, told]] of REFUSED.entries()) {
      const problem = await problemOf(await subject.call({}, `?n=${index}`), UNSENDABLE, expression)
      assert.match(problem.detail, told, expression)
    }
  })

  for (const [name, python] of GENERATORS) {
    test(`generator: ${name} is a streamed answer`, async () => {
      const answer = await (await deploy({ python })).call()
      assert.is(answer.status, 200)
      assert.is(answer.headers.get('content-length'), null)
      assert.is(await answer.text(), 'one two three')
    })
  }

  test('generator: one that raises before its first piece is the error of the call, one that ends at once is empty', async () => {
    const python = `
def handler(event):
    if "raise" in event["queryStringParameters"]:
        raise KeyError("early")
    yield from ()`
    const subject = await deploy({ python })
    const answer = await subject.call({}, '?raise')
    assert.is(answer.status, 500)
    assert.is(answer.headers.get('content-type'), 'application/problem+json')
    const empty = await subject.call()
    assert.equal([empty.status, await empty.text()], [200, ''])
  })
}
