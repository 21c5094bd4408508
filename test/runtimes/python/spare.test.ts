// @node
// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { until } from '../../support/runtime-harness.ts'
import { needing } from '../../support/skip.ts'
import { PYTHON, withPython } from './python-guest.ts'

const suiteOf = suite('spare workers of the Python guest')
const test = needing(suiteOf, PYTHON)

test('those without a call for ten seconds end, with what the author does at exit, but for one', () =>
  withPython(
    'import atexit, os, time\natexit.register(lambda: print("left", os.getpid()))\ndef handler(event):\n  time.sleep(0.3)\n  return os.getpid()',
    async (guest) => {
      const pids = new Set(await Promise.all(Array.from({ length: 4 }, () => guest.json<number>())))
      assert.is(pids.size, 4)
      const gone = () =>
        guest.logs.filter(({ m }) => m.startsWith('left ')).map(({ m }) => Number(m.slice(5)))
      await until(() => gone().length === 3, 'three have left', 20_000)
      assert.ok(gone().every((pid) => pids.has(pid)))
      assert.ok(pids.has(await guest.json<number>()))
    },
    { concurrency: 4 },
  ))

suiteOf.run()
