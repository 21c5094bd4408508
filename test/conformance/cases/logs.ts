import * as assert from 'uvu/assert'
import type { Register, SharedCode, Subject } from '../subject.ts'

const PRINTS: SharedCode = {
  node: `console.log('loading')
    export const handler = (event) => {
      console.log('log %s', event.queryStringParameters.n)
      console.info({ info: true })
      console.warn('warn')
      console.error('error')
      console.debug('debug')
      return 'printed'
    }`,
  python: `
import logging, sys
log = logging.getLogger("shop")
log.setLevel(logging.DEBUG)
print("loading")
def handler(event):
    print("log", event["queryStringParameters"]["n"])
    print({"info": True})
    log.warning("warn")
    print("error", file=sys.stderr)
    log.debug("debug")
    return "printed"`,
}
/** What one call prints, in the form of each language: Python's logging names its logger. */
const PRINTED = {
  node: [
    ['info', '{ info: true }'],
    ['warn', 'warn'],
    ['error', 'error'],
    ['debug', 'debug'],
  ],
  python: [
    ['info', "{'info': True}"],
    ['warn', 'shop: warn'],
    ['error', 'error'],
    ['debug', 'shop: debug'],
  ],
} as const

/** Each call waits until the other one has come, prints, and waits again. */
const TOGETHER: SharedCode = {
  node: `import { AsyncLocalStorage } from 'node:async_hooks'
    const storage = new AsyncLocalStorage()
    let waiting = []
    export default (request) => storage.run(new URL(request.url).search, async () => {
      await new Promise((resolve) => {
        waiting.push(resolve)
        if (waiting.length === 2) for (const one of waiting) one()
      })
      await null
      console.log('said ' + storage.getStore())
      await new Promise((resolve) => setTimeout(resolve, 20))
      return new Response('ok')
    })`,
  python: `
import os, time
def handler(event):
    name = event["queryStringParameters"]["name"]
    open("/tmp/" + name, "w").close()
    while not (os.path.exists("/tmp/a") and os.path.exists("/tmp/b")):
        time.sleep(0.005)
    print("said ?name=" + name)
    time.sleep(0.02)
    return "ok"`,
}

interface Line {
  readonly request_id: string | null
  readonly level: string
  readonly message: string
  readonly time: string
  readonly instance_id: string
  readonly version: number
}

/** What functions print. */
export function logCases(test: Register, { deploy, language }: Subject<SharedCode>): void {
  test('logs: each line with its call, level, time and instance', async () => {
    const subject = await deploy(PRINTS)
    await (await subject.call({ headers: { 'x-request-id': 'log-1' } }, '?n=1')).text()
    await (await subject.call({ headers: { 'x-request-id': 'log-2' } }, '?n=2')).text()
    const lines = await subject.list<Line[]>('logs')
    assert.equal(
      lines.map((line) => [line.request_id, line.level, line.message]),
      [
        [null, 'info', 'loading'],
        ...['1', '2'].flatMap((n) => [
          [`log-${n}`, 'info', `log ${n}`],
          ...PRINTED[language].map(([level, message]) => [`log-${n}`, level, message]),
        ]),
      ],
    )
    for (const line of lines) {
      assert.is(new Date(line.time).toISOString(), line.time)
      assert.is(line.version, 1)
      assert.is(line.instance_id, lines[0]!.instance_id)
    }
  })

  test('logs: lines belong to their calls when two run in one instance, after a wait, too', async () => {
    const subject = await deploy(TOGETHER, { limits: { max_instances: 1 } })
    const answers = await Promise.all(['?name=a', '?name=b'].map((rest) => subject.call({}, rest)))
    const lines = await subject.list<Line[]>('logs')
    for (const [index, said] of ['said ?name=a', 'said ?name=b'].entries())
      assert.is(
        lines.find(({ message }) => message === said)?.request_id,
        answers[index]!.headers.get('x-request-id'),
        said,
      )
  })
}
