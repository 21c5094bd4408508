import type { SharedCode } from './subject.ts'

/** Streams a piece, then waits for another call before it sends the next: no clock can make it look streamed. */
export const RELEASED: SharedCode = {
  node: `let release
    export default (request) => {
      const { search } = new URL(request.url)
      if (search === '?release') {
        release()
        return new Response('released')
      }
      const encode = (text) => new TextEncoder().encode(text)
      const type = search === '?events' ? 'text/event-stream' : 'text/plain'
      return new Response(new ReadableStream({
        async start(controller) {
          controller.enqueue(encode('data: first\\n\\n'))
          await new Promise((resolve) => { release = resolve })
          controller.enqueue(encode('data: second\\n\\n'))
          controller.close()
        },
      }), { headers: { 'content-type': type } })
    }`,
  python: `
import os, time
RELEASE = "/tmp/release"
def pieces():
    yield "data: first\\n\\n"
    while not os.path.exists(RELEASE):
        time.sleep(0.005)
    yield "data: second\\n\\n"
def handler(event):
    query = event["queryStringParameters"]
    if "release" in query:
        open(RELEASE, "w").close()
        return "released"
    kind = "text/event-stream" if "events" in query else "text/plain"
    return {"statusCode": 200, "headers": {"content-type": kind}, "body": pieces()}`,
}

/** Makes pieces for as long as they are taken, and tells how many it has made. */
export const ENDLESS: SharedCode = {
  node: `let produced = 0, cancelled = false
    export default (request) => {
      if (new URL(request.url).search === '?state') return Response.json({ produced, cancelled })
      return new Response(new ReadableStream({
        pull(controller) {
          produced += 65536
          controller.enqueue(new Uint8Array(65536))
        },
        cancel() { cancelled = true },
      }, { highWaterMark: 0 }))
    }`,
  python: `
import os
def note(name, value):
    with open("/tmp/" + name + ".new", "w") as file:
        file.write(str(value))
    os.replace("/tmp/" + name + ".new", "/tmp/" + name)
def noted(name):
    try:
        with open("/tmp/" + name) as file:
            return int(file.read())
    except FileNotFoundError:
        return 0
def pieces():
    produced = 0
    try:
        while True:
            produced += 65536
            note("produced", produced)
            yield bytes(65536)
    finally:
        note("cancelled", 1)
def handler(event):
    if "state" in event["queryStringParameters"]:
        return {"produced": noted("produced"), "cancelled": noted("cancelled") == 1}
    return pieces()`,
}

/** Sends back what comes, as it comes. */
export const ECHOES: SharedCode = {
  node: 'export default (request) => new Response(request.body)',
  python: `
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        await send({"type": "http.response.body", "body": message.get("body", b""), "more_body": more})`,
}

/** Keeps what comes as it comes; GET shows it. */
export const READS: SharedCode = {
  node: `let seen = ''
    export default async (request) => {
      if (request.method === 'GET') return new Response(seen)
      for await (const piece of request.body) seen += new TextDecoder().decode(piece)
      return new Response(seen)
    }`,
  python: `
async def app(scope, receive, send):
    assert scope["type"] == "http"
    if scope["method"] == "POST":
        more = True
        while more:
            message = await receive()
            more = message.get("more_body", False)
            with open("/tmp/seen", "ab") as file:
                file.write(message.get("body", b""))
    with open("/tmp/seen", "ab+") as file:
        file.seek(0)
        seen = file.read()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": seen})`,
}

/** Fails in the middle of its answer. */
export const BREAKS: SharedCode = {
  node: `export default (request) => {
    if (new URL(request.url).search === '?next') return new Response('next')
    return new Response(new ReadableStream({
      async pull(controller) {
        controller.enqueue(new TextEncoder().encode('half'))
        await new Promise((resolve) => setTimeout(resolve, 20))
        controller.error(new Error('the other half is missing'))
      },
    }))
  }`,
  python: `
import time
def pieces():
    yield "half"
    time.sleep(0.02)
    raise RuntimeError("the other half is missing")
def handler(event):
    return {"statusCode": 200, "body": "next"} if "next" in event["queryStringParameters"] else pieces()`,
}

/** Waits between its pieces, and for good at the end when asked to. */
export const PAUSES: SharedCode = {
  node: `export default (request) => new Response(new ReadableStream({
    async start(controller) {
      for (let n = 0; n < 6; n++) {
        controller.enqueue(new TextEncoder().encode(String(n)))
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
      if (new URL(request.url).search === '?stall') return
      controller.close()
    },
  }))`,
  python: `
import time
def handler(event):
    for n in range(6):
        yield str(n)
        time.sleep(0.15)
    if "stall" in event["queryStringParameters"]:
        time.sleep(3600)`,
}
