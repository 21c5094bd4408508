import type { Language } from '../../src/domain/runtime-name.ts'

/** The images that the gateway's containers have by default: `docker run` beside them has the same. */
export const IMAGES = { python: 'python:3-slim', node: 'node:26-slim' } as const
export const DOCKER_LANGUAGES = ['python', 'node'] as const satisfies readonly Language[]

/** A handler in each language, and what all of them answer. */
export const GREETING = { hello: 'world' } as const
export const GREETING_BODY = JSON.stringify(GREETING)
export const GREETING_CODE: Readonly<Record<Language, string>> = {
  python: `def lambda_handler(event, context):
    return {"hello": event.get("name", "world")}
`,
  node: `export const handler = async (event) => ({ hello: event.name ?? 'world' })
`,
}

/** The same handlers as a program that reads its event and prints its answer: what a container per call runs. */
export const GREETING_PROGRAM: Readonly<Record<Language, readonly string[]>> = {
  python: [
    'python3',
    '-c',
    `import json, sys
${GREETING_CODE.python}
print(json.dumps(lambda_handler(json.load(sys.stdin), None)))`,
  ],
  node: [
    'node',
    '--input-type=module',
    '--eval',
    `${GREETING_CODE.node}
const { text } = await import('node:stream/consumers')
console.log(JSON.stringify(await handler(JSON.parse(await text(process.stdin)))))`,
  ],
}

/** Computes for so many milliseconds of CPU time. */
export function busyCode(ms: number): string {
  return `import time

def lambda_handler(event, context):
    until = time.thread_time() + ${ms / 1000}
    total = 0
    while time.thread_time() < until:
        for number in range(100):
            total += number * number
    return {"busy": ${ms}}
`
}

/** Waits, so that calls at the same moment need instances at the same moment. */
export function slowCode(ms: number): string {
  return `import time

def lambda_handler(event, context):
    time.sleep(${ms / 1000})
    return ${GREETING_BODY}
`
}

/** Answers with the body that it was sent, read as JSON and written again. */
export const ECHO_CODE: Readonly<Record<Language, string>> = {
  python: `def lambda_handler(event, context):
    return {"statusCode": 200, "body": event["body"]}
`,
  node: `export const handler = async (event) => ({ statusCode: 200, body: event.body })
`,
}

/** Answers with so many bytes, made piece by piece. */
export function streamCode(language: Language, bytes: number, piece: number): string {
  if (language === 'python')
    return `def lambda_handler(event, context):
    piece = b"x" * ${piece}
    for _ in range(${bytes / piece}):
        yield piece
`
  return `export default {
  fetch() {
    const piece = new Uint8Array(${piece})
    let left = ${bytes / piece}
    return new Response(new ReadableStream({
      pull(controller) {
        if (left-- === 0) controller.close()
        else controller.enqueue(piece)
      },
    }))
  },
}
`
}

/** Reads its body piece by piece and answers with its size. */
export const COUNT_CODE: Readonly<Record<Language, string>> = {
  python: `async def app(scope, receive, send):
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})
`,
  node: `export default {
  async fetch(request) {
    let size = 0
    for await (const piece of request.body) size += piece.length
    return new Response(String(size))
  },
}
`,
}
