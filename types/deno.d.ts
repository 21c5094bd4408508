// Just what the Deno-only files use, for the TypeScript compiler; Deno itself brings the real declarations.

declare namespace Deno {
  interface HttpServer {
    readonly addr: { readonly port: number }
    shutdown(): Promise<void>
  }
  function serve(
    options: { hostname: string; port: number; onListen: () => void },
    handler: (request: Request, info: unknown) => Response | Promise<Response>,
  ): HttpServer
}
