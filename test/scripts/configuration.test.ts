import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configurationPage } from '../../scripts/configuration.ts'

const test = suite('docs/configuration.md')

test('says what the table of settings says', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  assert.is(page, configurationPage(), 'run: node scripts/configuration.ts')
})

test.run()
