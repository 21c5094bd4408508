import type { MiddlewareHandler } from 'hono'
import { looseObject, string } from 'valibot'
import type { AppDeps, AppEnv } from '../deps.ts'
import { CONTENT_SECURITY_POLICY, PAGE } from '../docs/page.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import { type OpenApiDocument, openApiDocument } from '../openapi/document.ts'

/** The API described, for programs and for people. */
export function docsEndpoints({ version }: AppDeps, documented: () => readonly Endpoint[]): Endpoint[] {
  let document: OpenApiDocument | undefined
  return [
    endpoint({
      method: 'GET',
      path: '/openapi.json',
      name: 'openapi',
      tag: 'system',
      summary: 'Describe the API',
      answer: { schema: looseObject({ openapi: string() }), about: 'OpenAPI 3.1' },
      errors: [],
      handle: () => (document ??= openApiDocument(documented(), version)),
    }),
    endpoint({
      method: 'GET',
      path: '/docs',
      name: 'docs',
      tag: 'system',
      summary: 'Read the API and try it',
      answer: { contentType: 'text/html; charset=utf-8', about: 'A page for a browser' },
      errors: [],
      handle: () => page(200),
    }),
  ]
}

/**
 * A browser that opens /docs has no way to send a token with it. It gets the page, which knows nothing by
 * itself and asks for the token, with the status 401; everyone else gets the problem document.
 */
export const showDocsWithoutToken: MiddlewareHandler<AppEnv> = async function showDocsWithoutToken(c, next) {
  await next()
  const opened =
    c.req.method === 'GET' && c.req.path === '/docs' && c.req.header('accept')?.includes('text/html')
  if (opened && c.res.status === 401) c.res = page(401)
}

function page(status: 200 | 401): Response {
  return new Response(PAGE, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'referrer-policy': 'no-referrer',
    },
  })
}
