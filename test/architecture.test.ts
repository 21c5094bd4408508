import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  denoStaysOnDeno,
  noBarrels,
  noDefaultExports,
  sizesHold,
  suitesAreRun,
  suppressionsGiveAReason,
} from './architecture/house.ts'
import { guestsImportOnlyTheWire, importsGoDown, noCycles } from './architecture/layers.ts'
import {
  declaredAreImported,
  importsAreDeclared,
  type Manifest,
  packagesStayInTheirFence,
  USED_BY_NAME,
} from './architecture/packages.ts'
import { fake, readModules, readProject, type Source } from './architecture/sources.ts'
import { noMachinePaths, noRegistryHosts, nothingUnfinished } from './architecture/words.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Manifest
const sources = readProject(root)
const modules = readModules(sources)
const small: Manifest = { dependencies: { hono: '1' }, devDependencies: { uvu: '1' } }
const test = suite('architecture')

/** A rule, what it holds, and files that break it, each with a part of the sentence it must draw. */
interface Case {
  readonly name: string
  readonly check: () => string[]
  readonly broken: readonly [sentence: string, violations: () => string[]][]
}

const importing = (at: string, specifier: string) => [fake(at, `import { x } from '${specifier}'\n`)]
const lines = (at: string, count: number): Source => ({ path: at, text: 'x\n'.repeat(count) })

const cases: readonly Case[] = [
  {
    name: 'imports go down only',
    check: () => importsGoDown(modules),
    broken: [
      [
        'domain may not import runtime',
        () => importsGoDown(importing('src/domain/a.ts', '../runtime/pool.ts')),
      ],
      [
        'deploy may not import invoke',
        () => importsGoDown(importing('src/deploy/a.ts', '../invoke/call.ts')),
      ],
      ['invoke may not import http', () => importsGoDown(importing('src/invoke/a.ts', '../http/app.ts'))],
      ['domain may not import config', () => importsGoDown(importing('src/domain/a.ts', '../config.ts'))],
      ['has no place', () => importsGoDown(importing('src/misc/a.ts', '../domain/limits.ts'))],
      ['nothing outside src', () => importsGoDown(importing('src/http/a.ts', '../../runtimes/node/a.ts'))],
      [
        'may import its port and the domain, not driver worker',
        () => importsGoDown(importing('src/runtime/drivers/isolate.ts', './worker.ts')),
      ],
      [
        'may import its port and the domain, not store',
        () => importsGoDown(importing('src/runtime/drivers/isolate.ts', '../../store/store.ts')),
      ],
      [
        'only the gateway and the command line may import driver isolate',
        () => importsGoDown(importing('src/deploy/a.ts', '../runtime/drivers/isolate/driver.ts')),
      ],
    ],
  },
  {
    name: 'guests import the wire alone',
    check: () => guestsImportOnlyTheWire(modules),
    broken: [
      [
        'src/runtime/pool.ts: a guest may import',
        () => guestsImportOnlyTheWire(importing('runtimes/isolate/a.ts', '../../src/runtime/pool.ts')),
      ],
    ],
  },
  {
    name: 'there are no import cycles',
    check: () => noCycles(modules),
    broken: [
      [
        'src/domain/a.ts → src/domain/b.ts → src/domain/a.ts',
        () =>
          noCycles([...importing('src/domain/a.ts', './b.ts'), ...importing('src/domain/b.ts', './a.ts')]),
      ],
    ],
  },
  {
    name: 'packages stay in their fence',
    check: () => packagesStayInTheirFence(modules),
    broken: [
      ['@libsql/client', () => packagesStayInTheirFence(importing('src/deploy/a.ts', '@libsql/client/web'))],
      ['hono/streaming', () => packagesStayInTheirFence(importing('src/invoke/a.ts', 'hono/streaming'))],
      [
        'isolated-vm',
        () => packagesStayInTheirFence(importing('src/runtime/drivers/isolate.ts', 'isolated-vm')),
      ],
      ['esbuild', () => packagesStayInTheirFence([fake('src/http/a.ts', `await import(\n  'esbuild')`)])],
    ],
  },
  {
    name: 'what is imported is declared',
    check: () => importsAreDeclared(manifest)(modules),
    broken: [
      ['leftpad, which is not', () => importsAreDeclared(small)(importing('src/a.ts', 'leftpad'))],
      [
        'uvu, which is not in dependencies',
        () => importsAreDeclared(small)(importing('src/a.ts', 'uvu/assert')),
      ],
    ],
  },
  {
    name: 'what is declared is imported',
    check: () => declaredAreImported(manifest)(modules),
    broken: [
      ['uvu is in devDependencies', () => declaredAreImported(small)(importing('src/a.ts', 'hono'))],
      ['hono is in dependencies', () => declaredAreImported(small)(importing('bench/a.ts', 'hono'))],
    ],
  },
  {
    name: 'what is used by name is declared',
    check: () => undeclared(manifest),
    broken: [['workerd', () => undeclared(small)]],
  },
  {
    name: 'files keep their size',
    check: () => sizesHold(sources),
    broken: [
      ['test/a.ts has 401 lines', () => sizesHold([lines('test/a.ts', 401)])],
      ['src/gateway.ts has 151 lines', () => sizesHold([lines('src/gateway.ts', 151)])],
      ['src/main.node.ts has 41 lines', () => sizesHold([lines('src/main.node.ts', 41)])],
      ['the median file has 100 lines', () => sizesHold([lines('src/a.ts', 100)])],
      [
        'one file in ten has 250',
        () => sizesHold([...Array(8).fill(lines('src/a.ts', 9)), lines('src/b.ts', 250)]),
      ],
    ],
  },
  {
    name: 'there are no barrels',
    check: () => noBarrels(modules),
    broken: [
      ['named like a barrel', () => noBarrels([fake('src/http/index.ts', 'export const a = 1')])],
      ['exports all', () => noBarrels([fake('src/a.ts', `export * from './b.ts'\nexport const a = 1`)])],
      [
        'only passes on',
        () => noBarrels([fake('src/a.ts', `export { b } from './b.ts'\nexport type { C } from './c.ts'\n`)]),
      ],
    ],
  },
  {
    name: 'there are no default exports',
    check: () => noDefaultExports(modules),
    broken: [
      ['src/a.ts', () => noDefaultExports([fake('src/a.ts', 'export default function a() {}')])],
      ['src/b.ts', () => noDefaultExports([fake('src/b.ts', 'const a = 1\nexport { a as default }')])],
    ],
  },
  {
    name: "Deno's own API stays in its entry and its driver",
    check: () => denoStaysOnDeno(modules),
    broken: [['src/http/a.ts', () => denoStaysOnDeno([fake('src/http/a.ts', 'Deno.serve(() => {})')])]],
  },
  {
    name: 'every suppression gives a reason',
    check: () => suppressionsGiveAReason(modules),
    broken: [
      [
        'biome-ignore',
        () => suppressionsGiveAReason([fake('src/a.ts', '// biome-ignore lint/a/b: <explanation>')]),
      ],
      ['biome-ignore', () => suppressionsGiveAReason([fake('src/a.ts', '// biome-ignore lint/a/b: why')])],
      ['@ts-expect-error', () => suppressionsGiveAReason([fake('src/a.ts', '// @ts-expect-error')])],
      ['@ts-ignore', () => suppressionsGiveAReason([fake('src/a.ts', '// @ts-ignore: a very good reason')])],
    ],
  },
  {
    name: 'every suite is run',
    check: () => suitesAreRun(modules),
    broken: [
      ['a.run()', () => suitesAreRun([fake('test/a.ts', `const a = suite('x')\nb.run() // a.run()`)])],
    ],
  },
  {
    name: 'nothing is left for later',
    check: () => nothingUnfinished(sources),
    broken: [['a.md:2', () => nothingUnfinished([{ path: 'a.md', text: `\n${'TO' + 'DO'}: more` }])]],
  },
  {
    name: 'no file has a path of one machine',
    check: () => noMachinePaths(sources),
    broken: [
      ['a.ts:1', () => noMachinePaths([{ path: 'a.ts', text: `open('/${'tmp'}/x')` }])],
      ['a.md:1', () => noMachinePaths([{ path: 'a.md', text: `cd /${'work'}/main` }])],
    ],
  },
  {
    name: 'no file names a registry',
    check: () => noRegistryHosts(sources),
    broken: [['a.json', () => noRegistryHosts([{ path: 'a.json', text: `https://${'pypi'}.org/simple` }])]],
  },
]

for (const { name, check, broken } of cases) {
  test(name, () => assert.is(check().join('\n'), ''))
  test(`${name}: the rule can fail`, () => {
    for (const [sentence, violations] of broken) {
      const found = violations().join('\n')
      assert.ok(found.includes(sentence), `expected "${sentence}" in "${found}"`)
    }
  })
}

test('imports are found wherever they stand, and nowhere else', () => {
  const text = [
    `import type { A } from './a.ts'`,
    `import {\n  b,\n} from "../b.ts"`,
    `export { c } from 'c/d'`,
    `import '@e/f/g'`,
    `const h = await import(/* why */ 'h')`,
    `type I = import('node:fs').Stats`,
    `const text = "import x from 'x'"; const code = \`import y from 'y' \${z(\`import z from 'z'\`)}\``,
    `// import k from 'k'`,
    `const quote = /['"\`]/; const half = 1 / 2; const l = x / y; import 'l'`,
  ].join('\n')
  const found = fake('src/http/x.ts', text).imports.map(
    (entry) => entry.target ?? entry.package ?? entry.specifier,
  )
  assert.equal(found, ['src/http/a.ts', 'src/b.ts', 'c', '@e/f', 'h', 'node:fs', 'l'])
})

test('imports of types alone are told apart', () => {
  const text = [
    `import type { A } from './a.ts'`,
    `import { b, type B } from './b.ts'`,
    `export type { C } from './c.ts'`,
    `export type D = 1`,
    `export { d } from './d.ts'`,
  ].join('\n')
  const found = fake('src/x.ts', text).imports.map((entry) => entry.typeOnly)
  assert.equal(found, [true, false, true, false])
})

test('the rules see the project', () => {
  const imports = modules.flatMap((module) => module.imports)
  assert.ok(modules.length > 20)
  assert.ok(imports.some((entry) => entry.target === 'src/domain/limits.ts'))
  const missing = imports.filter(({ target }) => target !== null && !targetExists(target))
  assert.is(missing.map((entry) => entry.target).join('\n'), '')
})

function undeclared(of: Manifest): string[] {
  const declared = { ...of.dependencies, ...of.devDependencies }
  return Object.keys(USED_BY_NAME).filter((name) => declared[name] === undefined)
}

function targetExists(target: string): boolean {
  return sources.some((source) => source.path === target)
}

test.run()
