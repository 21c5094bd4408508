import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { redactor } from '../../../src/cli/doctor/redact.ts'

const test = suite('what the doctor leaves out')
const redact = redactor({
  FAAS_ADMIN_TOKEN: 'admin-hush',
  FAAS_DB_AUTH_TOKEN: 'admin-hush-longer',
  SOME_PASSWORD: 'pw',
  HARMLESS: 'plain',
})

test('values of secrets, wherever they stand, the longer one first', () => {
  assert.is(redact('x admin-hush-longer y admin-hush z plain'), 'x *** y *** z plain')
})

test('a value that is too short to be a secret leaves words alone', () => {
  assert.is(redact('the pwd'), 'the pwd')
})

test('what an address carries besides its host', () => {
  const cases: readonly [string, string][] = [
    ['https://user:pass@host/simple/', 'https://***@host/simple/'],
    ['https://onlytoken@host:8443/', 'https://***@host:8443/'],
    ['is "htp:/user:pass@host"', 'is "htp:/***@host"'],
    ['libsql://db.example?authToken=hush&tls=1', 'libsql://db.example?authToken=***&tls=***'],
    ['https://host/a/b:c and python:3-slim@sha256:00ff', 'https://host/a/b:c and python:3-slim@sha256:00ff'],
    ['name@example.org', 'name@example.org'],
  ]
  for (const [text, expected] of cases) assert.is(redact(text), expected)
})

test.run()
