import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { authorStack } from '../../src/source-map/author-stack.ts'

const test = suite('stacks as their authors see them')

const TRACEBACK = `Traceback (most recent call last):
  File "main.py", line 3, in read
    return json.loads(text)
  File "/usr/lib/python3.11/json/decoder.py", line 355, in raw_decode
    raise JSONDecodeError("Expecting value", s, err.value) from None
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "main.py", line 8, in handler
    raise RuntimeError("cannot read it") from error
RuntimeError: cannot read it`

test('a traceback stays as it is, and its last line of the author is the place', () => {
  assert.equal(authorStack('python', TRACEBACK, null), {
    text: TRACEBACK,
    position: { file: 'main.py', line: 8 },
  })
})

test('a traceback without a line of the author has no place', () => {
  const text = 'SystemExit: the code asked to exit with 1'
  assert.equal(authorStack('python', text, null), { text, position: null })
})

test('without a map nothing can be told of what JavaScript the author wrote', () => {
  assert.equal(authorStack('node', 'Error: no\n    at main.js:1:1', null), { text: '', position: null })
})

test('with a map JavaScript is where the author wrote it', () => {
  const map = JSON.stringify({ version: 3, sources: ['callback.ts'], names: [], mappings: 'AAEI' })
  assert.equal(authorStack('node', 'Error: no\n    at main.js:1:1', map), {
    text: 'Error: no\n    at callback.ts:3:5',
    position: { file: 'callback.ts', line: 3, column: 5 },
  })
})

test.run()
