import { type CallHead, type Meta, TYPE } from '../../src/runtime/wire.ts'

const META: Meta = { callbackId: 1, version: 1, runtime: 'isolate', memoryMb: 1, timeoutMs: 1, env: {} }
const HEAD: CallHead = {
  method: 'POST',
  url: 'http://localhost/path?name=value',
  headers: [['content-type', 'application/json']],
  whole: true,
  requestId: '1',
  path: 'path',
  params: {},
  ip: '127.0.0.1',
  deadline: 0,
}

/**
 * The warm-up script of a snapshot: it runs what nearly every function runs, in a context that is thrown away,
 * so that its compiled code is in the snapshot. The first call of a fresh isolate takes half the time for it.
 */
export const WARM_UP = `{
  const random = (service, argument) => (service === 'random' ? new Uint8Array(argument) : String(argument))
  const guest = __faas_bind(() => {}, random)
  const meta = ${JSON.stringify(JSON.stringify(META))}
  const head = ${JSON.stringify(JSON.stringify(HEAD))}
  const call = (namespace) => {
    guest.load(meta, namespace)
    guest.receive([${TYPE.CALL}, 2, head, new Uint8Array([123, 125])])
  }
  guest.begin(meta)
  call({
    async default(request, env, ctx) {
      console.log('line', { value: 1 }, new Error('warm-up'))
      setTimeout(() => {}, 1)
      crypto.randomUUID()
      const url = new URL(request.url)
      const name = url.pathname + url.searchParams.get('name') + request.headers.get('content-type')
      const body = await request.json()
      ctx.waitUntil(Promise.resolve())
      return Response.json({ name, body }, { status: 201, headers: { 'x-name': name } })
    },
  })
  call({ default: { fetch: (request) => request.text().then((text) => new Response(text)) } })
  call({ handler: async (event) => ({ statusCode: 200, headers: { a: 'b' }, body: JSON.stringify(event) }) })
  call({ handler: () => { throw new Error('warm-up') } })
}`
