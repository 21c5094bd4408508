interface WasmNamespace {
  Module: new (bytes: BufferSource) => WebAssembly.Module
  Instance: new (module: WebAssembly.Module, imports?: WebAssembly.Imports) => WebAssembly.Instance
}

/**
 * V8 compiles in the background and comes back by a task that a bare isolate never runs, so the asynchronous
 * functions are made of the synchronous ones. Called when the isolate is live: a snapshot has no WebAssembly.
 */
export function completeWebAssembly(): void {
  const target = (globalThis as { WebAssembly?: WasmNamespace & Record<string, unknown> }).WebAssembly
  if (target === undefined) return
  const { Module, Instance } = target
  const isModule = (value: unknown): value is WebAssembly.Module => value instanceof Module

  const functions = {
    async compile(bytes: BufferSource): Promise<WebAssembly.Module> {
      return new Module(bytes)
    },
    async instantiate(
      source: BufferSource | WebAssembly.Module,
      imports: WebAssembly.Imports | undefined = undefined,
    ): Promise<unknown> {
      if (isModule(source)) return new Instance(source, imports)
      const module = new Module(source)
      // What is imported is looked at later, as if the module had been compiled in the background.
      await null
      return { module, instance: new Instance(module, imports) }
    },
    async compileStreaming(source: Response | PromiseLike<Response>): Promise<WebAssembly.Module> {
      return new Module(await wasmBytes(await source))
    },
    async instantiateStreaming(
      source: Response | PromiseLike<Response>,
      imports: WebAssembly.Imports | undefined = undefined,
    ): Promise<unknown> {
      const module = new Module(await wasmBytes(await source))
      return { module, instance: new Instance(module, imports) }
    },
  }
  for (const [name, value] of Object.entries(functions))
    Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true })
}

async function wasmBytes(response: Response): Promise<ArrayBuffer> {
  if (!(response instanceof Response)) throw new TypeError('WebAssembly: the source must be a Response')
  if (!response.ok) throw new TypeError(`WebAssembly: the status of the Response is ${response.status}`)
  const type = response.headers.get('content-type')?.toLowerCase()
  if (type !== 'application/wasm')
    throw new TypeError(`WebAssembly: the content type must be application/wasm: it is ${type ?? 'missing'}`)
  return response.arrayBuffer()
}
