import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LIMIT_RANGES } from '../../src/domain/limits.ts'
import { CONTENT_SECURITY_POLICY, PAGE } from '../../src/http/docs/page.ts'
import type { OpenApiDocument } from '../../src/http/openapi/document.ts'
import type { Operation } from '../../src/http/openapi/operation.ts'
import { httpApp } from '../support/http-app.ts'

const test = suite('OpenAPI and docs')

async function described(): Promise<{ document: OpenApiDocument; routes: Set<string> }> {
  await using app = await httpApp()
  const { status, body } = await app.ask('GET', '/openapi.json')
  assert.is(status, 200)
  const routes = app.app.routes.filter((route) => route.method !== 'ALL')
  return {
    document: body,
    routes: new Set(routes.map((route) => `${route.method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`)),
  }
}

function operationsOf(document: OpenApiDocument): [string, string, Operation][] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): [string, string, Operation] => [
      method,
      path,
      operation,
    ]),
  )
}

test('it has every route that is registered, and none that is not', async () => {
  const { document, routes } = await described()
  assert.match(document.openapi, /^3\.1\./)
  const documented = operationsOf(document).filter(([, path]) => !path.startsWith('/api/'))
  const names = documented.map(([method, path]) => `${method.toUpperCase()} ${path}`)
  assert.equal(names.sort(), [...routes].sort())
  assert.ok(document.paths['/api/{path}'])
  assert.ok(document.paths['/api/kube/{path}'])
})

test('every reference leads somewhere and every name is unique', async () => {
  const { document } = await described()
  const schemas = document.components.schemas!
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, reference]) => reference!,
  )
  assert.ok(references.length > 50)
  for (const reference of references) {
    assert.match(reference, /^#\/components\/schemas\//)
    assert.ok(schemas[reference.split('/').at(-1)!], reference)
  }
  const ids = operationsOf(document).map(([, , operation]) => operation.operationId)
  assert.is(new Set(ids).size, ids.length)
  const used = new Set(references.map((reference) => reference.split('/').at(-1)))
  const unused = Object.keys(schemas).filter((name) => !used.has(name))
  assert.equal(unused, [])
})

test('every path parameter is declared, every body described, every error a problem', async () => {
  const { document } = await described()
  for (const [method, path, operation] of operationsOf(document)) {
    const name = `${method} ${path}`
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)
    const parameters = (operation.parameters ?? []) as { name: string; in: string; schema: object }[]
    assert.equal(
      parameters.filter((one) => one.in === 'path').map((one) => one.name),
      inPath,
      name,
    )
    if (['post', 'put'].includes(method)) assert.ok(operation.requestBody, name)
    for (const [status, response] of Object.entries(operation.responses)) {
      const { content } = response as { content: Record<string, { schema: unknown }> }
      if (!/^[45]/.test(status)) continue
      assert.equal(
        content['application/problem+json']!.schema,
        { $ref: '#/components/schemas/Problem' },
        name,
      )
    }
    const open = path.startsWith('/api/') || path === '/health' || path === '/ready'
    assert.equal(operation.security, open ? [] : [{ adminToken: [] }], name)
    assert.is(operation.responses[401] === undefined, open, name)
  }
  assert.ok(document.components.securitySchemes!.adminToken)
})

test('the schemas are those that validate: ranges, defaults and masks are in them', async () => {
  const { document } = await described()
  const schemas = document.components.schemas as Record<
    string,
    { properties: Record<string, Record<string, unknown>> }
  >
  const limits = schemas.LimitsInput!.properties
  for (const [name, [minimum, maximum]] of Object.entries(LIMIT_RANGES)) {
    assert.is(limits[name]!.type, 'integer', name)
    assert.equal([limits[name]!.minimum, limits[name]!.maximum], [minimum, maximum], name)
  }
  const create = schemas.CallbackCreate as unknown as { required: string[]; additionalProperties: boolean }
  assert.equal(create.required, ['path', 'method', 'type', 'code'])
  assert.is(create.additionalProperties, false)
  assert.equal(schemas.Callback!.properties.env!.additionalProperties, { const: '***' })
  const deploy = document.paths['/deploy']!.post!.parameters as {
    name: string
    schema: { maximum: number }
  }[]
  assert.is(deploy[0]!.name, 'wait')
  assert.is(deploy[0]!.schema.maximum, 600)
})

test('the page is whole in itself: nothing is loaded, nothing but its own script runs', async () => {
  await using app = await httpApp()
  const { status, headers, raw } = await app.ask('GET', '/docs')
  assert.is(status, 200)
  assert.is(raw, PAGE)
  assert.is(headers.get('content-security-policy'), CONTENT_SECURITY_POLICY)
  assert.not.match(raw, /https?:\/\//)
  assert.not.match(raw, /innerHTML|document\.write|insertAdjacent/)
  const script = /<script>([\s\S]*)<\/script>/.exec(raw)![1]!
  assert.not.throws(() => new Function(script))
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(script))
  assert.match(CONTENT_SECURITY_POLICY, `'sha256-${Buffer.from(digest).toString('base64')}'`)
})

test.run()
