// What a deployed function runs: one file of the web platform tests. `CASE` is declared before this text; it holds
// the harness, the test with the scripts it names, its address and its time.

const { setTimeout, clearTimeout, eval: evaluate } = globalThis

/** Where a test finds what a browser's worker has besides the platform: its address, its isolation, and who it runs in. */
function setScene() {
  const { href, origin, protocol, host, hostname, port, pathname, search, hash } = new URL(CASE.address)
  const parts = { href, origin, protocol, host, hostname, port, pathname, search, hash }
  define('location', Object.freeze({ ...parts, toString: () => href }))
  define('GLOBAL', { isWindow: () => false, isWorker: () => true, isShadowRealm: () => false })
  define('crossOriginIsolated', false)
  resolveAddresses(href)
}

/** The tests of interfaces ask who they run in, to know which must be there: those that any worker has. */
function posesAsWorker() {
  function DedicatedWorkerGlobalScope() {}
  Object.defineProperty(DedicatedWorkerGlobalScope, Symbol.hasInstance, {
    value: (value) => value === globalThis,
  })
  define('DedicatedWorkerGlobalScope', DedicatedWorkerGlobalScope)
}

/** Relative addresses have no meaning in a function: there they are resolved against the test's own. */
function resolveAddresses(base) {
  const { Request: TrueRequest, fetch: trueFetch } = globalThis
  const { redirect } = Response
  const absolute = (input) => {
    if (input instanceof TrueRequest) return input
    try {
      return new URL(String(input), base).href
    } catch {
      // The platform itself is to say what is wrong with it.
      return input
    }
  }
  const Request = new Proxy(TrueRequest, {
    construct(target, args, wanted) {
      const [input, ...rest] = args
      return Reflect.construct(
        target,
        args.length === 0 ? args : [absolute(input), ...rest],
        wanted === Request ? target : wanted,
      )
    },
  })
  define('Request', Request)
  TrueRequest.prototype.constructor = Request
  define('fetch', (...args) => {
    if (args.length > 0) args[0] = absolute(args[0])
    return trueFetch(...args)
  })
  Response.redirect = (input, ...rest) => redirect(absolute(input), ...rest)
}

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true })
}

/** Resolves when the harness says that all tests have ended. */
function completion() {
  return new Promise((resolve) => {
    globalThis.setup({ explicit_timeout: true })
    globalThis.add_completion_callback((tests, harness) => {
      resolve({
        harness: { status: harness.status, message: harness.message ?? null },
        tests: tests.map(({ name, status, message }) => [name, status, message?.slice(0, 400) ?? null]),
      })
    })
  })
}

export async function handler() {
  setScene()
  evaluate(CASE.harness)
  const completed = completion()
  if (CASE.idl) posesAsWorker()
  const timer = setTimeout(() => globalThis.timeout(), CASE.timeoutMs)
  let thrown = null
  try {
    evaluate(CASE.code)
    globalThis.done()
  } catch (error) {
    thrown = String(error?.stack ?? error)
    globalThis.timeout()
  }
  const results = await completed
  clearTimeout(timer)
  return { ...results, thrown }
}
