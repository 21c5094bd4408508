// @slow
// @node
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { needing } from '../../support/skip.ts'
import { PYTHON, type Reply, startPython } from './python-guest.ts'

const suiteOf = suite('the answer of a Python handler')
const test = needing(suiteOf, PYTHON)

/** Answers with the value of the expression that it is sent. */
const guest =
  PYTHON.missing === null
    ? await startPython(`
import collections, dataclasses, datetime, decimal, enum, http, io, pathlib, types, uuid
class Colour(enum.Enum):
    RED = "red"
@dataclasses.dataclass
class Point:
    x: int
    y: datetime.date
class Model:
    def model_dump(self):
        return {"dumped": True}
Pair = collections.namedtuple("Pair", "a b")
def cycle():
    a = {}
    a["b"] = [a]
    return a
def deep():
    a = []
    for _ in range(100_000):
        a = [a]
    return a
class Odd:
    def model_dump(self):
        raise RuntimeError("not today")
def handler(event):
    return eval(event["body"], globals())
`)
    : null
suiteOf.after(async () => {
  await guest?.stop()
})

const answerTo = (expression: string, method = 'POST'): Promise<Reply> => guest!.call({ method }, expression)
const JSON_HEADERS = [['content-type', 'application/json']]
const TEXT_HEADERS = [['content-type', 'text/plain;charset=UTF-8']]
const BYTES_HEADERS = [['content-type', 'application/octet-stream']]

const SENT: readonly (readonly [expression: string, status: number, headers: string[][], body: string])[] = [
  ['None', 204, [], ''],
  ['{"a": 1, "b": [True, None, 1.5]}', 200, JSON_HEADERS, '{"a":1,"b":[true,null,1.5]}'],
  ['"hé"', 200, JSON_HEADERS, '"hé"'],
  ['""', 200, JSON_HEADERS, '""'],
  ['0', 200, JSON_HEADERS, '0'],
  ['False', 200, JSON_HEADERS, 'false'],
  ['[1, "two", None]', 200, JSON_HEADERS, '[1,"two",null]'],
  ['(1, 2)', 200, JSON_HEADERS, '[1,2]'],
  ['"\\ud800"', 200, JSON_HEADERS, '"\\ud800"'],
  ['10 ** 30', 200, JSON_HEADERS, '1000000000000000000000000000000'],
  ['{1: "a", None: 2, True: 3}', 200, JSON_HEADERS, '{"1":3,"null":2}'],
  ['{"statusCode": "201"}', 200, JSON_HEADERS, '{"statusCode":"201"}'],
  ['{"statusCode": True}', 200, JSON_HEADERS, '{"statusCode":true}'],
  ['{"statusCode": 201.5}', 200, JSON_HEADERS, '{"statusCode":201.5}'],
  // What Python's users answer with.
  [
    'datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)',
    200,
    JSON_HEADERS,
    '"2026-01-02T03:04:05+00:00"',
  ],
  ['[datetime.date(2026, 1, 2), datetime.time(3, 4)]', 200, JSON_HEADERS, '["2026-01-02","03:04:00"]'],
  ['[decimal.Decimal("1.50"), decimal.Decimal("2")]', 200, JSON_HEADERS, '[1.5,2]'],
  ['uuid.UUID(int=1)', 200, JSON_HEADERS, '"00000000-0000-0000-0000-000000000001"'],
  ['[Colour.RED, http.HTTPStatus.OK]', 200, JSON_HEADERS, '["red",200]'],
  ['Point(1, datetime.date(2026, 1, 2))', 200, JSON_HEADERS, '{"x":1,"y":"2026-01-02"}'],
  ['Model()', 200, JSON_HEADERS, '{"dumped":true}'],
  ['Pair(1, 2)', 200, JSON_HEADERS, '[1,2]'],
  ['[{1}, frozenset(), collections.deque([2])]', 200, JSON_HEADERS, '[[1],[],[2]]'],
  ['types.MappingProxyType({"a": 1})', 200, JSON_HEADERS, '{"a":1}'],
  ['pathlib.PurePosixPath("a/b")', 200, JSON_HEADERS, '"a/b"'],
  ['b"\\x41\\x42"', 200, BYTES_HEADERS, 'AB'],
  // Proxy answers.
  ['{"statusCode": 404}', 404, [], ''],
  ['{"statusCode": http.HTTPStatus.CREATED, "body": "x"}', 201, TEXT_HEADERS, 'x'],
  ['{"statusCode": 200, "body": ""}', 200, TEXT_HEADERS, ''],
  ['{"statusCode": 201, "body": {"a": [1]}}', 201, JSON_HEADERS, '{"a":[1]}'],
  ['{"statusCode": 200, "body": 7}', 200, JSON_HEADERS, '7'],
  ['{"statusCode": 200, "body": None}', 200, [], ''],
  ['{"statusCode": 200, "body": b"AB"}', 200, BYTES_HEADERS, 'AB'],
  ['{"statusCode": 200, "body": bytearray(b"AB")}', 200, BYTES_HEADERS, 'AB'],
  ['{"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}', 200, BYTES_HEADERS, 'hi'],
  ['{"statusCode": 200, "body": " aG\\nk ", "isBase64Encoded": True}', 200, BYTES_HEADERS, 'hi'],
  ['{"statusCode": 200, "body": b"aGk=", "isBase64Encoded": True}', 200, BYTES_HEADERS, 'hi'],
  [
    '{"statusCode": 200, "headers": {"X-A": " b ", "n": 1, "t": True, "f": 1.5}, "body": "x"}',
    200,
    [['X-A', 'b'], ['n', '1'], ['t', 'true'], ['f', '1.5'], ...TEXT_HEADERS],
    'x',
  ],
  [
    '{"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": "<p>"}',
    200,
    [['Content-Type', 'text/html']],
    '<p>',
  ],
  [
    '{"statusCode": 200, "multiValueHeaders": {"a": ["1", 2]}, "cookies": ["x=1", "y=2"]}',
    200,
    [
      ['a', '1'],
      ['a', '2'],
      ['set-cookie', 'x=1'],
      ['set-cookie', 'y=2'],
    ],
    '',
  ],
  [
    '{"statusCode": 204, "headers": {"content-type": "x/y"}, "body": "dropped"}',
    204,
    [['content-type', 'x/y']],
    '',
  ],
  ['{"statusCode": 200, "headers": {"x": "ü"}, "body": None}', 200, [['x', 'ü']], ''],
]

for (const [expression, status, headers, body] of SENT)
  test(`sends ${expression}`, async () => {
    const reply = await answerTo(expression)
    assert.is(reply.fail, null, JSON.stringify(reply.fail))
    assert.equal(reply.answer, { status, headers, whole: true })
    assert.is(reply.body.toString(), body)
  })

const REFUSED: readonly (readonly [expression: string, message: RegExp])[] = [
  ['object()', /^The answer cannot be written as JSON: it is of type object$/],
  [
    '{"a": [1, {"b": object()}]}',
    /^The answer cannot be written as JSON: the value at a\[1\]\.b is of type object$/,
  ],
  [
    '{"statusCode": 200, "body": {"a": b"x"}}',
    /^The body of the answer cannot be written as JSON: the value at a is of type bytes$/,
  ],
  ['{(1, 2): 3}', /it has a key that is of type tuple, keys must be text$/],
  ['cycle()', /the value at b\[0\] contains itself$/],
  ['deep()', /nested too deeply/],
  ['[float("nan")]', /the value at \[0\] is nan, JSON has no such number$/],
  ['{"a": decimal.Decimal("Infinity")}', /the value at a is Infinity, JSON has no such number$/],
  ['[Odd()]', /the value at \[0\] is of type Odd, and asking it failed: not today$/],
  ['[Point(1, object())]', /the value at \[0\]\.y is of type object$/],
  ['len', /it is of type builtin_function_or_method$/],
  ['{"statusCode": 99}', /its statusCode is 99, it must be a final HTTP status, 200 to 599$/],
  ['{"statusCode": 101}', /statusCode is 101/],
  ['{"statusCode": 600}', /statusCode is 600/],
  ['{"statusCode": 200, "headers": []}', /its headers must be a dict, it is a list$/],
  ['{"statusCode": 200, "headers": "x"}', /headers must be a dict, it is of type str$/],
  [
    '{"statusCode": 200, "headers": {"a": {}}}',
    /the header "a" must be a string, a number or a boolean, it is of type dict$/,
  ],
  ['{"statusCode": 200, "headers": {"a": None}}', /it is None$/],
  ['{"statusCode": 200, "headers": {"a": "x\\r\\ny: z"}}', /"a" has characters that a header cannot carry$/],
  ['{"statusCode": 200, "headers": {"a": "€"}}', /cannot carry/],
  ['{"statusCode": 200, "headers": {"a b": "x"}}', /"a b" in its headers is not a header name$/],
  ['{"statusCode": 200, "headers": {1: "x"}}', /"1" in its headers is not a header name$/],
  [
    '{"statusCode": 200, "multiValueHeaders": {"a": "x"}}',
    /the values of "a" in its multiValueHeaders must be a list$/,
  ],
  ['{"statusCode": 200, "cookies": "a=1"}', /its cookies must be a list of strings$/],
  [
    '{"statusCode": 200, "body": "*", "isBase64Encoded": True}',
    /isBase64Encoded is true and its body is not base64$/,
  ],
  ['{"statusCode": 200, "body": {}, "isBase64Encoded": True}', /its body is of type dict$/],
  ['{"statusCode": 200, "headers": {f"x-{n}": "y" for n in range(2000)}}', /at most 1000/],
]

for (const [expression, message] of REFUSED)
  test(`refuses ${expression}`, async () => {
    const { fail } = await answerTo(expression)
    assert.is(fail?.kind, 'unsendable', JSON.stringify(fail))
    assert.match(fail?.message ?? '', message)
  })

const STREAMED: readonly (readonly [expression: string, headers: string[][], body: string])[] = [
  ['iter(["a", "é"])', TEXT_HEADERS, 'aé'],
  ['(chr(97 + n) for n in range(5))', TEXT_HEADERS, 'abcde'],
  ['iter([b"a", bytearray(b"b")])', BYTES_HEADERS, 'ab'],
  ['iter([])', BYTES_HEADERS, ''],
  ['io.BytesIO(b"x" * 200_000)', BYTES_HEADERS, 'x'.repeat(200_000)],
  [
    '{"statusCode": 203, "headers": {"content-type": "a/b"}, "body": iter(["x"])}',
    [['content-type', 'a/b']],
    'x',
  ],
]

for (const [expression, headers, body] of STREAMED)
  test(`streams ${expression}`, async () => {
    const reply = await answerTo(expression)
    assert.is(reply.answer?.whole, false)
    assert.equal(reply.answer?.headers, headers)
    assert.is(reply.body.toString(), body)
    assert.is(reply.done, true)
  })

test('a large body goes in pieces, with its length', async () => {
  const reply = await answerTo('"x" * 3_000_000')
  assert.is(reply.answer?.whole, false)
  assert.equal(reply.answer?.headers, [...JSON_HEADERS, ['content-length', '3000002']])
  assert.is(reply.body.length, 3_000_002)
})

test('HEAD has the length and no body', async () => {
  const { answer, body } = await answerTo('{"statusCode": 200, "body": "twelve bytes"}', 'HEAD')
  assert.equal(answer?.headers, [...TEXT_HEADERS, ['content-length', '12']])
  assert.is(body.length, 0)
  const streamed = await answerTo('iter(["a"])', 'HEAD')
  assert.is(streamed.answer?.whole, true)
})

suiteOf.run()
