// @node
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { usageReader } from '../../../runtimes/node/usage.ts'

const test = suite('what a container says of its use')

const MIB = 1_048_576

function withFiles(files: Record<string, string>, use: (root: string) => void): void {
  const root = mkdtempSync(path.join(tmpdir(), 'cgroup-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
      writeFileSync(path.join(root, name), text)
    }
    use(root)
  } finally {
    rmSync(root, { recursive: true })
  }
}

test('control groups of version 1', () => {
  const files = {
    'memory/memory.usage_in_bytes': `${20 * MIB}\n`,
    'memory/memory.max_usage_in_bytes': `${30 * MIB}\n`,
    'cpuacct/cpuacct.usage': '1234567890\n',
  }
  withFiles(files, (root) => assert.equal(usageReader(root)(), { cpuMs: 1234.6, memoryMb: 20, peakMb: 30 }))
})

test('version 2, with and without a peak of the kernel’s own', () => {
  const files = { 'memory.current': `${20 * MIB}\n`, 'cpu.stat': 'usage_usec 5500\nuser_usec 5000\n' }
  withFiles({ ...files, 'memory.peak': `${25.5 * MIB}\n` }, (root) =>
    assert.equal(usageReader(root)(), { cpuMs: 5.5, memoryMb: 20, peakMb: 25.5 }),
  )
  withFiles(files, (root) => {
    const read = usageReader(root)
    assert.equal(read(), { cpuMs: 5.5, memoryMb: 20, peakMb: 20 })
    writeFileSync(path.join(root, 'memory.current'), String(40 * MIB))
    read()
    writeFileSync(path.join(root, 'memory.current'), String(10 * MIB))
    assert.equal(read(), { cpuMs: 5.5, memoryMb: 10, peakMb: 40 })
  })
})

test('without control groups the process speaks for itself', () => {
  withFiles({}, (root) => {
    const { cpuMs, memoryMb, peakMb } = usageReader(root)()
    assert.ok(cpuMs > 0 && memoryMb > 1 && peakMb > 1)
  })
})

test.run()
