import * as assert from 'uvu/assert'
import { problemOf, THREW } from '../../problems.ts'
import { jsonOf, type PythonCode, type Register, type Subject } from '../../subject.ts'

/** What is raised, and what the caller is told of it. */
const RAISED: readonly (readonly [statement: string, name: string, message: string])[] = [
  ['sys.exit("enough")', 'SystemExit', 'the code asked to exit with enough'],
  ['raise KeyboardInterrupt("stop")', 'KeyboardInterrupt', 'stop'],
  ['raise StopIteration("over")', 'StopIteration', 'over'],
  ['raise Mute()', 'Mute', ''],
  ['{}["missing"]', 'KeyError', "'missing'"],
  ['assert False, "not so"', 'AssertionError', 'not so'],
  ['[].nothing', 'AttributeError', "'list' object has no attribute 'nothing'"],
  ['open("/no/such/file")', 'FileNotFoundError', "[Errno 2] No such file or directory: '/no/such/file'"],
]

/** Errors as Python has them. */
export function pythonFailureCases(test: Register, { deploy }: Subject<PythonCode>): void {
  test('failure: whatever Python raises is the error of its call, and costs no process', async () => {
    const branches = RAISED.map(([statement], n) => `    if n == "${n}":\n        ${statement}`).join('\n')
    const python = `
import os, sys
class Mute(Exception):
    def __str__(self):
        raise ValueError("not even this")
def handler(event):
    n = event["queryStringParameters"].get("n")
${branches}
    return os.getpid()`
    const subject = await deploy({ python }, { limits: { concurrency: 1 } })
    const process = await jsonOf(subject.call())
    for (const [index, [statement, name, message]] of RAISED.entries()) {
      const problem = await problemOf(await subject.call({}, `?n=${index}`), THREW, statement)
      assert.equal([problem.error?.name, problem.error?.message], [name, message], statement)
    }
    assert.equal(await jsonOf(subject.call()), process)
  })

  test('failure: chained errors, and frames of the standard library', async () => {
    const python = `
import json
def inner(text):
    return json.loads(text)
def handler(event):
    try:
        inner("{")
    except ValueError as error:
        raise RuntimeError("cannot read it") from error`
    const problem = await problemOf(await (await deploy({ python })).call(), THREW)
    const { stack } = problem.error!
    assert.match(stack, /^Traceback/)
    assert.match(stack, 'The above exception was the direct cause of the following exception:')
    assert.match(stack, /File "main\.py", line 4, in inner\n {4}return json\.loads\(text\)/)
    assert.match(stack, /json\/decoder\.py/)
    assert.match(stack, /RuntimeError: cannot read it$/)
  })

  test('logs: logging, output of programs and tracebacks that are logged', async () => {
    const python = `
import logging, os, subprocess, sys
def handler(event):
    logging.info("by the root logger")
    logging.debug("below the level")
    try:
        1 / 0
    except ZeroDivisionError:
        logging.exception("caught")
    os.write(1, b"written to the descriptor\\n")
    subprocess.run(["sh", "-c", "echo by a program; echo its error >&2"], check=True)
    return "done"`
    const subject = await deploy({ python })
    await (await subject.call({ headers: { 'x-request-id': 'ways-1' } })).text()
    const lines = await subject.list<{ request_id: string; level: string; message: string }[]>('logs')
    for (const { request_id } of lines) assert.is(request_id, 'ways-1')
    const seen = lines.map(({ level, message }) => [level, message.split('\n')[0]])
    for (const line of [
      ['info', 'root: by the root logger'],
      ['error', 'root: caught'],
      ['info', 'written to the descriptor'],
      ['info', 'by a program'],
      ['error', 'its error'],
    ])
      assert.ok(
        seen.some((one) => one.join() === line.join()),
        `${line} is missing: ${JSON.stringify(lines)}`,
      )
    assert.is(seen.length, 5, JSON.stringify(lines))
    assert.match(lines.find(({ message }) => message.includes('caught'))!.message, /ZeroDivisionError/)
  })
}
