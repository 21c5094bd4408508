// @engine beside
// @node
// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LANGUAGES } from '../../src/domain/runtime-name.ts'
import { dockerNeed } from '../support/docker.ts'
import { needing } from '../support/skip.ts'
import { endInPeace, startGateway, until } from './gateway.ts'
import { source } from './probe.ts'

const suiteOf = suite('functions that never load')
const need = dockerNeed()
const test = needing(suiteOf, need)
const gateway = need.missing === null ? await startGateway({ FAAS_DOCKER_CPUS: '0.5' }) : null
const CODE = { node: 'for (;;);', python: source('python', 'loops-at-import') }

test('their deploys fail with the limit in the sentence, and their containers are gone', async () => {
  const errors = await Promise.all(
    LANGUAGES.map(async (type) => {
      const { callback_id: id } = await gateway!.register({ path: `loops-${type}`, type, code: CODE[type] })
      const json = { callback_id: id, status: true, c_type: 'docker' }
      await gateway!.api('/deploy?wait=60', { method: 'POST', json })
      const list = await (await gateway!.api(`/callbacks/${id}/deployments`)).json()
      await gateway!.api(`/callbacks/${id}`, { method: 'DELETE' })
      return (list as { error: { code: string; message: string } }[])[0]!.error
    }),
  )
  for (const { code, message } of errors) {
    assert.is(code, 'boot_timeout')
    assert.match(message, /did not load within \d+ ms/)
  }
  await until(
    async () => ((await gateway!.containers()).length === 0 ? true : undefined),
    'their containers to be gone',
  )
})

endInPeace(suiteOf, test, gateway)

suiteOf.run()
