// @engine beside
// @timeout 300
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Confinement } from '../../../../src/runtime/drivers/docker/network/confinement.ts'
import { dockerNeed, partsOf } from '../../../support/docker.ts'
import { npmRegistry } from '../../../support/npm-registry.ts'
import { needing } from '../../../support/skip.ts'
import { deploymentOf, packageJson, runIn, type TestImages, testImages } from './support.ts'

const test = suite('libraries from the registries that the base images use')
const docker = dockerNeed()
const online = needing(test, docker.missing === null ? await npmRegistry() : docker)

let shop: TestImages
let confinement: Confinement
test.before(async () => {
  if (docker.missing !== null) return
  const { engine, gateway } = await testImages()
  // As the gateway does it: the usual registries must be reached, wherever they are.
  confinement = new Confinement(engine, { mode: 'public', allow: [] })
  shop = await testImages({ gateway, network: confinement })
})
test.after(async () => {
  await shop?.images.sweep([])
  await confinement?.remove()
})

online(
  'pip: pins, ranges, extras, markers, comments, hashes of a file, and a package that comes as source',
  async () => {
    const library = [
      '# what a requirements.txt may hold',
      'requests[socks]>=2.31,<3  # a range and an extra',
      '',
      "six==1.16.0 ; python_version >= '3.0'",
      "no-such-package-of-windows; sys_platform == 'win32'",
      'docopt \\',
      '    == 0.6.2',
      '--prefer-binary',
    ].join('\n')
    const times: number[] = []
    const log: string[] = []
    const { reference } = await shop.images.build(deploymentOf('python', library), {
      signal: AbortSignal.timeout(240_000),
      log: (line) => {
        times.push(performance.now())
        log.push(line)
      },
    })
    const program = 'import sys; sys.path.insert(0, "/faas/python"); import requests, socks, six, docopt'
    assert.is(
      await runIn(reference, 'python3', '-c', `${program}; print(six.__version__, docopt.__version__)`),
      '1.16.0 0.6.2',
    )
    const text = log.join('\n')
    for (const said of [
      'Installing the library',
      'Collecting requests',
      'Ignoring no-such-package',
      'Successfully installed',
    ])
      assert.match(text, said)
    assert.not.match(text, /\x1b|Step \d|--->|━|WARNING/)
    assert.ok(times.at(-1)! - times[1]! > 100, 'lines come while pip works')
  },
)

online(
  'npm: pins, ranges, tags and aliases; scripts, workspaces and overrides of the author mean nothing',
  async () => {
    const library = packageJson(
      { 'is-odd': '3.0.1', 'is-number': '^7.0.0', other: 'npm:is-number@~6.0', '@types/ms': 'latest' },
      {
        scripts: { preinstall: 'exit 1' },
        workspaces: ['../..'],
        overrides: { 'is-odd': 'file:..' },
        devDependencies: { 'no-such-package-anywhere-xyz': '1' },
      },
    )
    const { reference, log } = await shop.build(deploymentOf('node', library))
    const program = [
      'const { createRequire } = require("node:module"); const of = createRequire("/faas/node/x.js")',
      'of("is-odd")(3) + " " + ["is-odd", "is-number", "other"].map((n) => of(n + "/package.json").version.split(".")[0])',
    ]
    assert.is(await runIn(reference, 'node', '-p', program.join('\n')), 'true 3,7,6')
    assert.equal(log.length, 2, log.join('\n'))
    assert.match(log[1]!, /^added \d+ packages/)
  },
)

online('a wrong name, a wrong version, a conflict, and git that is not there', async () => {
  const name = 'no-such-package-of-anybody-xyz'
  const cases = [
    ['python', `six\n${name}==1.0`, `pip says No matching distribution found for ${name}==1.0`],
    [
      'python',
      'requests==2.31.0\nurllib3<1',
      'conflicting dependencies; The user requested urllib3<1; requests 2.31.0 depends on',
    ],
    ['python', 'six @ git+https://localhost/six', "pip says Cannot find command 'git'"],
    ['python', 'fla sk', "pip says Invalid requirement: 'fla sk' (from line 1 of requirements.txt)"],
    ['node', packageJson({ [name]: '1' }), 'npm says E404: Not Found'],
    ['node', packageJson({ 'is-odd': '99' }), 'npm says ETARGET: No matching version found for is-odd@99'],
  ] as const
  const sentences = await Promise.all(
    cases.map(([type, library]) => shop.failure(deploymentOf(type, library))),
  )
  for (const [at, [, , part]] of cases.entries()) {
    assert.ok(sentences[at]!.startsWith('Cannot install `library`: '), sentences[at])
    assert.ok(sentences[at]!.includes(part), sentences[at])
  }
  assert.equal(
    (await partsOf(shop.gateway)).filter((part) => part.startsWith('container')),
    [],
  )
})

test.run()
