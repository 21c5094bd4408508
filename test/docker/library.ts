import { hostForContainers } from '../support/docker.ts'
import { type FakeRegistry, fakeRegistry } from '../support/fake-registry.ts'

/** A registry that containers reach, with two versions of a package that exports its version. */
export async function madeUpRegistry(): Promise<FakeRegistry> {
  const versions = ['1.0.0', '2.0.0']
  const packages = versions.map((version) => ({
    name: 'made-up',
    version,
    files: { 'index.js': `module.exports = ${JSON.stringify(version)}` },
  }))
  return fakeRegistry(packages, await hostForContainers())
}

/** The text of a package.json that needs it. */
export function needs(version: string): string {
  return JSON.stringify({ dependencies: { 'made-up': version } })
}

/** Answers with the version of the package. */
export const TELLS_VERSION = `import version from 'made-up'
export const handler = () => ({ version })`
