// @engine beside
// @node
// @timeout 300
import { hostname } from 'node:os'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { docker, dockerNeed, partsOf } from '../../../support/docker.ts'
import { needing } from '../../../support/skip.ts'
import {
  deploymentOf,
  type PrivateRegistry,
  privateRegistry,
  type TestImages,
  testImages,
} from './support.ts'

const test = suite('names of images')
const need = dockerNeed()
const engine = needing(test, need)

const ONE = 'greeting==1.0'
/** Callbacks that no other test or gateway on the engine has. */
const ID = 900_000_000 + Math.floor(Math.random() * 90_000_000)

let registry: PrivateRegistry
let ours: TestImages
let theirs: TestImages

test.before(async () => {
  if (need.missing !== null) return
  registry = await privateRegistry()
  ours = await shopOf({})
  theirs = await shopOf({})
})
test.after(async () => {
  await ours?.images.sweep([])
  await theirs?.images.sweep([])
  await registry?.[Symbol.asyncDispose]()
})

function shopOf(more: Parameters<typeof testImages>[0]): Promise<TestImages> {
  const { pipIndexUrl, buildCaFile, network } = registry
  return testImages({ pipIndexUrl, buildCaFile, network, ...more })
}

function python(version: number, library = ONE, callbackId = ID) {
  return deploymentOf('python', library, version, callbackId)
}

async function names(shop: TestImages): Promise<string[]> {
  const prefix = `faas-${shop.gateway}`
  return (await partsOf(shop.gateway)).map((part) => part.replace(prefix, 'own')).sort()
}

async function idOf(name: string): Promise<string> {
  return docker('inspect', '--format', '{{.Id}}', name)
}

engine('one image serves all versions with one library, and goes with the last of them', async () => {
  const { images, build } = ours
  const first = await build(python(1))
  const second = await build(python(2))
  const other = await build(python(1, ONE, ID + 1))
  assert.equal(second.log, ['The library is unchanged and installed already'])
  assert.is(
    new Set(await Promise.all([first, second, other].map(({ reference }) => idOf(reference)))).size,
    1,
  )
  assert.is(images.reference(python(2)), second.reference)
  assert.equal(
    await names(ours),
    [`${ID}:1`, `${ID}:2`, `${ID + 1}:1`]
      .flatMap((name) => [`image callback_${name}`, `image own/callback_${name}`])
      .sort(),
  )

  const elsewhere = await build(python(3, 'greeting==2.0'))
  assert.is.not(await idOf(elsewhere.reference), await idOf(first.reference))
  await images.remove(python(1))
  await images.remove(python(1))
  await images.remove(python(1, ONE, ID + 1))
  assert.equal(await names(ours), [
    `image callback_${ID}:2`,
    `image callback_${ID}:3`,
    `image own/callback_${ID}:2`,
    `image own/callback_${ID}:3`,
  ])
  await images.sweep([python(2)])
  assert.equal(await names(ours), [`image callback_${ID}:2`, `image own/callback_${ID}:2`])
  await images.remove(python(2))
  assert.equal(await names(ours), [])
})

engine('what someone deleted is made again under the same name', async () => {
  const { reference } = await ours.build(python(1))
  const before = await idOf(reference)
  await docker('rmi', '--force', before)
  assert.equal(await names(ours), [])
  const again = await ours.build(python(1))
  assert.is(again.reference, reference)
  assert.is(again.log.at(-1), 'Successfully installed greeting-1.0')
  await ours.images.remove(python(1))
})

engine('another base image under the same name is another installation, and the old image goes', async () => {
  const base = `faas-test-base-${ours.gateway}`
  const shop = await shopOf({ pythonImage: base })
  try {
    await docker('tag', 'python:3-slim', base)
    const { reference } = await shop.build(python(1))
    const before = await idOf(reference)
    const changed = await docker('create', '--label', 'x=y', base)
    await docker('commit', changed, base)
    await docker('rm', changed)
    const { log } = await shop.build(python(1))
    assert.is(log.at(-1), 'Successfully installed greeting-1.0')
    assert.is.not(await idOf(reference), before)
    assert.equal(await names(shop), [`image callback_${ID}:1`, `image own/callback_${ID}:1`])
    await shop.images.remove(python(1))
    assert.equal(await names(shop), [])
  } finally {
    await docker('rmi', '--force', base)
  }
})

engine('two gateways on one engine leave each other alone', async () => {
  const mine = await ours.build(python(1))
  const other = await theirs.build(python(1, 'greeting==2.0'))
  const [id, otherId] = [await idOf(mine.reference), await idOf(other.reference)]
  assert.is.not(id, otherId)
  assert.is(await idOf(`callback_${ID}:1`), id, 'the short name stays with the first')

  await theirs.images.remove(python(1, 'greeting==2.0'))
  await theirs.images.sweep([])
  assert.equal(await names(ours), [`image callback_${ID}:1`, `image own/callback_${ID}:1`])
  assert.is(await idOf(mine.reference), id)
  await theirs.build(python(1, 'greeting==2.0'))
  await ours.images.remove(python(1))
  assert.equal(await names(ours), [])
  assert.equal(await names(theirs), [`image own/callback_${ID}:1`])
})

engine(
  'a container of an image that is removed keeps running, and the next sweep ends what is left',
  async () => {
    const { reference } = await ours.build(python(1))
    const container = await docker(
      'run',
      '--detach',
      '--network=none',
      '--entrypoint=sleep',
      reference,
      '600',
    )
    try {
      await ours.images.remove(python(1))
      assert.is(await docker('inspect', '--format', '{{.State.Running}}', container), 'true')
      await ours.images.sweep([])
    } finally {
      await docker('rm', '--force', container)
    }
    await ours.images.sweep([])
    assert.equal(await names(ours), [])
  },
)

engine('a base image that is missing, or lacks what installs, is told with its setting', async () => {
  const shop = await testImages({ pythonImage: 'localhost:1/nobody/python:9', nodeImage: 'python:3-slim' })
  const missing = await shop.failure(python(1))
  assert.match(missing, /no image "localhost:1\/nobody\/python:9" and cannot pull it: .*connection refused/)
  assert.match(
    missing,
    /run `docker pull localhost:1\/nobody\/python:9` there, or set FAAS_PYTHON_IMAGE to an image/,
  )
  assert.is(
    await shop.failure(deploymentOf('node', '{"dependencies":{"a":"1"}}')),
    'Cannot install `library`: the base image "python:3-slim" has no node: set FAAS_NODE_IMAGE to an image that has it',
  )
  const malformed = await testImages({ nodeImage: 'Not An Image' })
  assert.match(
    await malformed.failure(deploymentOf('node', '{"dependencies":{"a":"1"}}')),
    /no image "Not An Image"/,
  )
  assert.equal([await partsOf(shop.gateway), await partsOf(malformed.gateway)], [[], []])
})

engine('only containers of processes that have ended are swept', async () => {
  const label = (owner: string) =>
    [`faas.gateway=${ours.gateway}`, 'faas.role=build', `faas.owner=${owner}`].flatMap((text) => [
      '--label',
      text,
    ])
  const run = (owner: string) =>
    docker('run', '--detach', '--rm', '--network=none', ...label(owner), 'python:3-slim', 'sleep', '600')
  const [alive, foreign] = [await run(`${hostname()}:1:x`), await run('elsewhere:1:x')]
  try {
    await ours.images.sweep([])
    assert.is((await partsOf(ours.gateway)).length, 2)
  } finally {
    await docker('rm', '--force', alive, foreign)
  }
})

test.run()
