// @engine beside
// @node
// @timeout 300
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { docker, dockerNeed, partsOf } from '../../../support/docker.ts'
import { needing } from '../../../support/skip.ts'
import {
  deploymentOf,
  type PrivateRegistry,
  packageJson,
  privateRegistry,
  runIn,
  type TestImages,
  testImages,
} from './support.ts'

const test = suite('libraries from a private index')
const need = dockerNeed()
const engine = needing(test, need)

let registry: PrivateRegistry
let shop: TestImages

test.before(async () => {
  if (need.missing !== null) return
  registry = await privateRegistry({ greeting: null })
  const { pipIndexUrl, npmRegistry, buildCaFile, network } = registry
  shop = await testImages({ pipIndexUrl, npmRegistry, buildCaFile, network })
})
test.after(async () => {
  await shop?.images.sweep([])
  await registry?.[Symbol.asyncDispose]()
})

engine('pip gets the login and the certificate, the image and the log do not', async () => {
  const library = '\uFEFF# ours\r\ngreeting>=1,<2 ; python_version >= "3.8"  # not 2\r\n'
  const { reference, log } = await shop.build(deploymentOf('python', library))
  const program = [
    'import os, sys; sys.path.insert(0, "/faas/python"); import greeting',
    'print(greeting.VERSION, os.path.exists(greeting.__cached__))',
    'print(os.listdir("/faas"), [p for p in ("/faas", greeting.__file__) if os.access(p, os.W_OK)])',
  ]
  // Its files are for their owner alone in the package, which is not the user that functions run as.
  assert.is(await runIn(reference, 'python3', '-c', program.join('\n')), "1.0 True\n['python'] []")
  assert.ok(log.includes('Successfully installed greeting-1.0'), log.join('\n'))
  await staysSecret(reference, 'python', log)
})

engine('npm gets the login and the certificate, the image and the log do not', async () => {
  const { reference, log } = await shop.build(deploymentOf('node', packageJson({ greeting: '^1.0.0' })))
  assert.is(await runIn(reference, 'node', '-p', 'require("/faas/node/node_modules/greeting")'), 'greeting')
  assert.ok(
    log.some((line) => line.startsWith('added 1 package')),
    log.join('\n'),
  )
  await staysSecret(reference, 'node', log)
})

engine(
  'a refused login, an unknown certificate, another hash and a wrong name are told in their words',
  async () => {
    const { pipIndexUrl, npmRegistry, buildCaFile, network } = registry
    const python = deploymentOf('python', 'greeting')
    const node = deploymentOf('node', packageJson({ greeting: '1' }))
    const elsewhere = (address: string) => address.replace(registry.password, 'wrong')
    const stranger = await testImages({
      pipIndexUrl: elsewhere(pipIndexUrl),
      npmRegistry: elsewhere(npmRegistry),
      buildCaFile,
      network,
    })
    const distrustful = await testImages({ pipIndexUrl, npmRegistry, network })
    const sentences = [
      [
        await stranger.failure(python),
        /pip says No matching .* for greeting: FAAS_PIP_INDEX_URL names an index that .* refuses its login$/,
      ],
      [await stranger.failure(node), /npm says E401: Incorrect or missing password/],
      [
        await distrustful.failure(python),
        /certificate of the index is not trusted; FAAS_BUILD_CA_FILE names one/,
      ],
      [await distrustful.failure(node), /npm says (DEPTH_ZERO_)?SELF_SIGNED_CERT.*FAAS_BUILD_CA_FILE/],
      [
        await shop.failure(deploymentOf('python', `greeting==1.0 --hash=sha256:${'0'.repeat(64)}`)),
        /DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE; greeting==1\.0; Expected sha256 0{64}; Got [0-9a-f]{64}$/,
      ],
      [
        await shop.failure(deploymentOf('python', 'greting')),
        /^Cannot install `library`: pip says No matching distribution found for greting: FAAS_PIP/,
      ],
      [
        await shop.failure(deploymentOf('node', packageJson({ greting: '1' }))),
        /npm says E404: Not Found - GET https:/,
      ],
    ] as const
    for (const [said, expected] of sentences) {
      assert.match(said, expected)
      assert.not.ok(said.includes(registry.password), said)
    }
    assert.equal([await partsOf(stranger.gateway), await partsOf(distrustful.gateway)], [[], []])
  },
)

async function staysSecret(reference: string, language: 'python' | 'node', log: string[]): Promise<void> {
  const format = '{{json .RootFS.Layers}}'
  const layers = async (image: string) =>
    JSON.parse(await docker('inspect', '--format', format, image)) as string[]
  const own = await layers(reference)
  assert.equal(
    own.slice(0, -1),
    await layers(shop.images.base(language)),
    'one layer more than the base image',
  )
  const texts = {
    history: await docker('history', '--no-trunc', reference),
    config: await docker('inspect', reference),
    log: log.join('\n'),
    files: await layerText(reference),
  }
  const login = Buffer.from(`reader:${registry.password}`).toString('base64')
  for (const [place, text] of Object.entries(texts)) {
    for (const secret of [registry.password, login, 'registry.test']) {
      const allowed = place === 'log' && secret === 'registry.test'
      assert.ok(allowed || !text.includes(secret), `${secret} is in the ${place}`)
    }
  }
}

/** Names and contents of the files in the layer that the image has besides its base. */
async function layerText(reference: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'faas-layer-'))
  try {
    const [image, layer] = [path.join(folder, 'image.tar'), path.join(folder, 'layer.tar')]
    await docker('save', '--output', image, reference)
    await tar('-xf', image, '-C', folder)
    const [{ Layers }] = JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as [
      { Layers: string[] },
    ]
    await rename(path.join(folder, Layers.at(-1)!), layer)
    const names = await tar('-tf', layer)
    assert.equal(
      names.split('\n').filter((name) => !/^(faas(\/|$)|$)/.test(name)),
      [],
      'only /faas differs',
    )
    return names + (await readFile(layer, 'latin1'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function tar(...args: string[]): Promise<string> {
  return (await promisify(execFile)('tar', args, { maxBuffer: 16 * 1_048_576 })).stdout
}

test.run()
