// @engine
// @node
// @slow
// @timeout 120
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LANGUAGES, type Language } from '../../src/domain/runtime-name.ts'
import { docker, dockerNeed, hostForContainers } from '../support/docker.ts'
import { fakeRegistry } from '../support/fake-registry.ts'
import { needing } from '../support/skip.ts'
import { startGateway, stopped } from './gateway.ts'
import { deployProbe } from './probe.ts'

const suiteOf = suite('names and values of functions')
const need = dockerNeed()
const test = needing(suiteOf, need)

const SECRET = 'a-value-that-nobody-else-may-read'
/** What a shell, an option parser, JSON or a line-based format would stumble over. */
const ODD: Readonly<Record<string, string>> = {
  SECRET,
  COMMAND: '$(touch /tmp/pwned) `touch /tmp/pwned`; touch /tmp/pwned & | > /tmp/pwned',
  QUOTES: `it's "quoted" \\' \\" \\\\ \\n`,
  LINES: 'first\nSECOND=second\r\n\tthird\n\n',
  OPTION: '--privileged -v /:/host',
  TEMPLATE: '$' + '{HOME} $HOME {{.Config}} %s %n %%',
  UNICODE: 'grüße 🙂 \u202e\u0007',
  SPACES: '  around  ',
  EMPTY: '',
}
const ODD_PATHS = [
  `we ird/$(touch pwned)/it's "quoted"/; touch pwned`,
  '--privileged/-v/{{.Config}}/%s/ü🙂/a&b|c>d<e`f`',
]

const registry =
  need.missing === null
    ? await fakeRegistry(
        [{ name: 'made-up', version: '1.0.0', files: { 'index.js': 'module.exports = 1' } }],
        await hostForContainers(),
      )
    : null
const gateway =
  registry === null ? null : await startGateway({ FAAS_NPM_REGISTRY: registry.url, FAAS_LOG_LEVEL: 'debug' })

const READ: Record<Language, string> = {
  python: 'import os\nreturn [dict(os.environ), os.path.exists("/tmp/pwned")]',
  node: "return [process.env, require('node:fs').existsSync('/tmp/pwned')]",
}

for (const [at, language] of LANGUAGES.entries()) {
  test(`${language}: odd values and an odd path arrive as they are`, async () => {
    const [plain = '', params = ''] = [ODD_PATHS[at], `with/:name/${language}`]
    const probe = await deployProbe(gateway!, language, { path: plain, env: ODD })
    const url = plain.split('/').map(encodeURIComponent).join('/')
    const headers = { 'content-type': 'text/plain' }
    const call = () => gateway!.call(url, { method: 'POST', body: READ[language], headers })
    const answer = await call()
    assert.is(answer.status, 200, await answer.clone().text())
    const [env, pwned] = ((await answer.json()) as { found: [Record<string, string>, boolean] }).found
    for (const [name, value] of Object.entries(ODD)) assert.is(env[name], value, name)
    assert.is(pwned, false)
    const named = await deployProbe(gateway!, language, { path: params })
    assert.is(
      (
        await gateway!.call(`with/${encodeURIComponent('$(id)\n"\'')}/${language}`, {
          method: 'POST',
          body: 'return 1',
          headers,
        })
      ).status,
      200,
    )
    await gateway!.api(`/callbacks/${named.callbackId}`, { method: 'DELETE' })
    assert.is(probe.path, plain)
  })
}

test('with a library too: the value is in no image, history, container, label or log', async () => {
  const library = JSON.stringify({ dependencies: { 'made-up': '1.0.0' } })
  const probe = await deployProbe(gateway!, 'node', { path: 'with-library', library, env: { SECRET } })
  assert.equal(await probe.run(`return [process.env.SECRET, require('made-up')]`), [SECRET, 1])
  const label = `label=faas.gateway=${gateway!.id}`
  const containers = (await docker('ps', '-aq', '--filter', label)).split('\n').filter(Boolean)
  const images = [...new Set((await docker('images', '-q', '--filter', label)).split('\n').filter(Boolean))]
  assert.ok(containers.length >= 3, 'containers of functions are there to be looked at')
  assert.is(images.length, 1)
  const seen = await Promise.all([
    docker('inspect', ...containers),
    docker('inspect', ...images),
    docker('network', 'inspect', `faas-${gateway!.id}`),
    ...images.map((image) => docker('history', '--no-trunc', image)),
    ...images.map((image) =>
      docker(
        'run',
        '--rm',
        '--entrypoint',
        'grep',
        image,
        '-rl',
        SECRET,
        '/faas',
        '/etc',
        '/root',
        '/var',
      ).catch(() => ''),
    ),
  ])
  for (const text of [...seen, gateway!.output()]) assert.not.match(text, SECRET)
  const { message } = (
    (await (await gateway!.api(`/callbacks/${probe.callbackId}/logs`)).json()) as { message: string }[]
  )[0] ?? { message: '' }
  assert.not.match(message, SECRET)
  const log = await gateway!.api(`/callbacks/${probe.callbackId}/deployments/1/log`)
  assert.not.match(await log.text(), SECRET)
  assert.not.match(await (await gateway!.api(`/callbacks/${probe.callbackId}`)).text(), SECRET)
})

test('it ends in peace, and leaves the image of what is deployed', async () => {
  const { end, left } = await stopped(gateway!)
  assert.equal(end, { code: 0, signal: null })
  assert.is(left.length, 2, left.join(', '))
  assert.ok(left.every((line) => line.startsWith('image ')))
})

suiteOf.after(async () => {
  await gateway?.clear()
  await registry?.[Symbol.asyncDispose]()
})
suiteOf.run()
