// @slow
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SCRIPT } from '../../src/http/docs/script.ts'
import { HELLO, type HttpApp, httpApp, until } from '../support/http-app.ts'
import { SmallElement } from '../support/small-dom.ts'

const test = suite('the page at /docs')

/** Runs the page's script against an app, as a browser that opened it would. */
function open(app: HttpApp) {
  const named = new Map<string, SmallElement>()
  const byId = (id: string) => {
    if (!named.has(id)) named.set(id, new SmallElement(id))
    return named.get(id)!
  }
  const operations = byId('operations')
  const isOperation = (element: SmallElement) => element.className === 'operation'
  const document = {
    getElementById: byId,
    createElement: (tag: string) => new SmallElement(tag),
    querySelectorAll: () => operations.all(isOperation),
  }
  const kept = new Map<string, string>()
  const sessionStorage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  }
  const asked: string[] = []
  const fetch = (path: string, init: RequestInit) => {
    asked.push(`${init.method ?? 'GET'} ${path}`)
    return app.fetch(new Request(`http://127.0.0.1:8000${path}`, init), {})
  }
  new Function('document', 'sessionStorage', 'fetch', SCRIPT)(document, sessionStorage, fetch)
  const entry = (path: string, method: string) => {
    const found = document
      .querySelectorAll()
      .find((one) => one.dataset.words!.startsWith(`${method} ${path} `))!
    Object.assign(found, { open: true })
    ;(found.ontoggle as () => void)()
    return found
  }
  return { byId, asked, entry, entries: document.querySelectorAll }
}

const submit = { preventDefault: () => {} }

test('it shows every operation, each with a form that sends it', async () => {
  await using app = await httpApp()
  const page = open(app)
  await until(() => page.entries().length > 0, 'the operations are shown')
  const { body } = await app.ask('GET', '/openapi.json')
  const names = Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => [path, method] as const),
  )
  assert.is(page.entries().length, names.length)
  for (const [path, method] of names) {
    assert.is(page.entry(path, method).all((one) => one.tag === 'form').length, 1, `${method} ${path}`)
  }
})

test('a form fills the path, the query and the body, and shows the answer', async () => {
  await using app = await httpApp()
  const page = open(app)
  await until(() => page.entries().length > 0, 'the operations are shown')
  const send = async (path: string, method: string, values: string[], body?: string) => {
    const form = page.entry(path, method).all((one) => one.tag === 'form')[0]!
    const inputs = form.all((one) => one.tag === 'input')
    for (const [index, input] of inputs.entries()) input.value = values[index] ?? ''
    if (body !== undefined) form.all((one) => one.tag === 'textarea')[0]!.value = body
    ;(form.onsubmit as (event: unknown) => void)(submit)
    const shown = () => form.all((one) => one.tag === 'pre' && one.tabIndex === 0)[0]?.textContent ?? ''
    await until(() => shown() !== '', 'the answer is shown')
    return shown()
  }
  const created = JSON.parse(
    await send('/callbacks', 'post', [], JSON.stringify({ ...HELLO, code: '<b>"&' })),
  )
  assert.is(created.status, 'pending')
  const id = String(created.callback_id)
  assert.match(await send('/callbacks/{id}', 'get', [id]), '<b>')
  await send('/callbacks/{id}/logs', 'get', [id, '5'])
  await send('/callbacks/{id}', 'get', ['a/b?'])
  await send('/api/{path}', 'get', ['deep/path'])
  assert.equal(page.asked.slice(1), [
    'POST /callbacks',
    `GET /callbacks/${id}`,
    `GET /callbacks/${id}/logs?limit=5`,
    'GET /callbacks/a%2Fb%3F',
    'GET /api/deep/path',
  ])
  const example = page.entry('/callbacks', 'post').all((one) => one.tag === 'textarea')[0]!.value as string
  assert.equal(Object.keys(JSON.parse(example)), ['path', 'method', 'type', 'code'])
})

test('where a token is set it asks for it, and sends it', async () => {
  await using app = await httpApp({ adminToken: 'secret' })
  const page = open(app)
  await until(() => page.byId('state').textContent !== '', 'it says what is wrong')
  assert.match(page.byId('state').textContent, 'admin token')
  assert.is(page.entries().length, 0)
  page.byId('token').value = 'secret'
  ;(page.byId('access').onsubmit as (event: unknown) => void)(submit)
  await until(() => page.entries().length > 0, 'the operations are shown')
  assert.is(page.byId('token').value, '')
})

test('the filter hides what does not match', async () => {
  await using app = await httpApp()
  const page = open(app)
  await until(() => page.entries().length > 0, 'the operations are shown')
  page.byId('filter').value = 'Delete chatroom'
  ;(page.byId('filter').oninput as () => void)()
  assert.is(page.entries().filter((entry) => entry.hidden === false).length, 1)
})

test.run()
