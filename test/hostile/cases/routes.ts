/** A way that has led, somewhere or once, from a sandbox to the realm around it. */
export interface Route {
  readonly name: string
  /** Runs in a deployed function. What it returns is what it found: nothing, or the function has escaped. */
  readonly code: string
}

const REALM_OF_EACH = `
  const foreign = []
  // A copy: looking at a trap springs it.
  for (const [name, value] of [...things]) {
    const realm = realmOf(value)
    if (realm !== undefined && realm !== globalThis) foreign.push(name)
    if (evidence(realm) !== '') foreign.push(name + ': ' + evidence(realm))
  }
  return foreign.join('; ')`

/** Errors that something outside the isolate had a part in. */
const BRIDGE_ERRORS: Readonly<Record<string, string>> = {
  'random bytes': 'crypto.getRandomValues(new Uint8Array(70_000))',
  'a digest of nothing': 'await crypto.subtle.digest("no such", new Uint8Array(1))',
  'a broken key':
    'await crypto.subtle.importKey("jwk", {}, { name: "ECDSA", namedCurve: "P-256" }, true, [])',
  'too many iterations':
    'await crypto.subtle.deriveBits({ name: "PBKDF2", salt: new Uint8Array(1), iterations: 1e9, hash: "SHA-1" }, await crypto.subtle.importKey("raw", new Uint8Array(1), "PBKDF2", false, ["deriveBits"]), 8)',
  'a refused fetch': 'await fetch("http://127.0.0.1:1/")',
  'a fetch of another scheme': 'await fetch("file:///etc/passwd")',
  'broken compression':
    'await new Response(new Blob(["not gzip"]).stream().pipeThrough(new DecompressionStream("gzip"))).text()',
  'an unknown format': 'new CompressionStream("no such")',
  'a broken address': 'new URL("http://[")',
  'a broken domain': 'new URL("http://xn--a/")',
  'a clone of a function': 'structuredClone(() => {})',
  'a message of a symbol': 'new MessageChannel().port1.postMessage(Symbol("x"))',
  'a WebSocket to nowhere':
    'await new Promise((_, reject) => { const socket = new WebSocket("ws://127.0.0.1:1/"); socket.onerror = (event) => reject(event.error ?? event) })',
  'broken WebAssembly': 'new WebAssembly.Module(new Uint8Array(1))',
  'a stack overflow': 'const down = () => down(); down()',
  'memory that is refused': 'new ArrayBuffer(2 ** 40)',
}

/** Every route, each tried from inside a deployed function. */
export const ROUTES: readonly Route[] = [
  ...Object.entries(BRIDGE_ERRORS).map(([name, code]) => ({
    name: `the error of ${name}`,
    code: `const error = await caught(async () => { ${code} })
      if (error === undefined) return 'it did not throw'
      const things = [['error', error], ['cause', error.cause], ['stack', error.stack], ['prototype', Object.getPrototypeOf(error)]]
      ${REALM_OF_EACH}`,
  })),
  {
    name: 'the constructor of every function of the global object',
    code: `const things = []
      const seen = new Set()
      const walk = (path, value, depth) => {
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || depth > 5) return
        seen.add(value)
        things.push([path, value])
        for (const key of Reflect.ownKeys(value)) {
          const { value: member, get, set } = Reflect.getOwnPropertyDescriptor(value, key)
          for (const [kind, one] of [['', member], ['get ', get], ['set ', set]]) walk(path + '.' + kind + String(key), one, depth + 1)
        }
        walk(path + '.__proto__', Object.getPrototypeOf(value), depth + 1)
      }
      walk('globalThis', globalThis, 0)
      walk('request', request, 0)
      if (things.length < 1000) return 'the walk found little: ' + things.length
      ${REALM_OF_EACH}`,
  },
  {
    name: 'the frames that Error.prepareStackTrace is given',
    code: `const things = []
      Error.prepareStackTrace = (error, frames) => {
        for (const frame of frames)
          for (const method of ['getThis', 'getFunction', 'getEvalOrigin', 'getTypeName', 'getFileName'])
            try { things.push([method, frame[method]()]) } catch {}
        return ''
      }
      void new Error('here').stack
      setTimeout(() => void new Error('in a timer').stack, 1)
      await new Promise((resolve) => setTimeout(resolve, 5))
      for (const run of [() => crypto.getRandomValues(new Uint8Array(70_000)), () => fetch('x:'), () => atob('%'), () => structuredClone(() => {})])
        void (await caught(run))?.stack
      delete Error.prepareStackTrace
      for (const [method, value] of things) if (typeof value === 'string' && /isolate\\/|node_modules|node:/.test(value)) return method + ' ' + value
      ${REALM_OF_EACH}`,
  },
  {
    name: 'arguments.callee.caller',
    code: `const things = []
      globalThis.sloppy = function () {
        for (let caller = arguments.callee.caller, up = 0; caller && up < 50; caller = caller.caller, up++) things.push(['caller ' + up, caller])
      }
      const call = new Function('try { sloppy() } catch {}')
      call()
      await new Promise((resolve) => setTimeout(() => { call(); resolve() }, 1))
      addEventListener('probe', call)
      dispatchEvent(new Event('probe'))
      removeEventListener('probe', call)
      ;[1].forEach(call)
      ${REALM_OF_EACH}`,
  },
  {
    name: 'the caller of a trap that the platform springs',
    code: `const things = []
      const handler = new Proxy({}, { get: (_, trap) => (...args) => { things.push([String(trap), args]); for (const arg of args) things.push([String(trap), arg]); return Reflect[trap](...args) } })
      const bait = new Proxy(function () {}, handler)
      for (const run of [() => console.log(bait), () => structuredClone(bait), () => new Response(bait), () => new Headers(bait), () => fetch(bait), () => setTimeout(bait, 0), () => new Blob([bait]), () => crypto.subtle.digest(bait, bait), () => new URL(bait), () => queueMicrotask(bait)])
        await Promise.race([caught(run), new Promise((resolve) => setTimeout(resolve, 100))])
      ${REALM_OF_EACH}`,
  },
  {
    name: 'what the platform does with replaced intrinsics',
    code: `const things = []
      const names = ['apply', 'call', 'bind']
      const kept = names.map((name) => Function.prototype[name])
      const { apply } = Reflect
      names.forEach((name, index) => {
        Function.prototype[name] = function (...args) { things.push([name, this]); return apply(kept[index], this, args) }
      })
      const { stringify } = JSON
      JSON.stringify = (...args) => { things.push(['stringify', args[0]]); return apply(stringify, JSON, args) }
      Object.defineProperty(Object.prototype, 'send', { configurable: true, set(value) { things.push(['send', value]) }, get() { return undefined } })
      await caught(() => crypto.getRandomValues(new Uint8Array(4)))
      await caught(() => crypto.subtle.digest('SHA-1', new Uint8Array(4)))
      await caught(() => fetch('http://127.0.0.1:1/'))
      console.log('printed')
      await new Promise((resolve) => setTimeout(resolve, 2))
      delete Object.prototype.send
      JSON.stringify = stringify
      names.forEach((name, index) => { Function.prototype[name] = kept[index] })
      for (const [name, value] of things) if (typeof value === 'function' && /native code/.test(kept[1].call(Function.prototype.toString, value)) && value.name === '' ) return name + ' showed a nameless native function'
      ${REALM_OF_EACH}`,
  },
  {
    name: 'objects of isolated-vm',
    code: `const names = ['Reference', 'ExternalCopy', 'Isolate', 'Context', 'Callback', 'Module', 'Script', 'NativeModule']
      const seen = new Set()
      const found = []
      const walk = (value, depth) => {
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value) || depth > 6) return
        seen.add(value)
        for (const method of ['applySync', 'derefInto', 'applyIgnored', 'copyInto', 'transferInto', 'createContextSync', 'evalClosureSync'])
          if (Object.hasOwn(value, method)) found.push(method)
        for (const key of Reflect.ownKeys(value)) {
          const { value: member, get } = Reflect.getOwnPropertyDescriptor(value, key)
          walk(member, depth + 1)
          walk(get, depth + 1)
        }
        walk(Object.getPrototypeOf(value), depth + 1)
      }
      walk(globalThis, 0)
      walk(request, 0)
      return [...found, ...names.filter((name) => name in globalThis)].join()`,
  },
  {
    name: 'the way in that the prelude was bound by',
    code: `return [typeof __faas_bind, ...Object.getOwnPropertyNames(globalThis).filter((name) => /faas|ivm|bridge/i.test(name))].filter((name) => name !== 'undefined').join()`,
  },
  {
    name: 'import() of modules of the host',
    code: `const found = []
      for (const name of ['node:fs', 'fs', 'isolated-vm', 'file:///etc/passwd', '/etc/passwd', 'data:text/javascript,export default 1', 'http://127.0.0.1/x.js'])
        for (const load of [() => new Function('return import(' + JSON.stringify(name) + ')')(), () => (0, eval)('import(' + JSON.stringify(name) + ')')])
          await Promise.resolve().then(load).then(() => found.push(name), () => {})
      return found.join()`,
  },
  {
    name: 'process, require and their kin',
    code: `const own = (0, eval)('typeof process === "undefined" ? {} : process')
      const found = ['binding', '_linkedBinding', 'dlopen', 'mainModule', 'getBuiltinModule', 'kill', 'abort', 'reallyExit', 'report', 'permission', 'chdir', 'setuid', '_debugProcess'].filter((name) => typeof own[name] !== 'undefined' && name !== 'getBuiltinModule')
      for (const name of ['require', 'module', 'Deno', 'Bun', '__dirname', 'process.binding']) if ((0, eval)('typeof ' + name) !== 'undefined') found.push(name)
      return found.join()`,
  },
  {
    name: 'the environment and the arguments of the host',
    code: `const { env = {}, argv = [], cwd } = globalThis.process ?? {}
      return [...Object.keys(env).filter((name) => name !== 'NODE_ENV'), ...argv.filter((one) => /node_modules|isolate/.test(one))].join()`,
  },
  {
    name: 'async stack frames and hooks of promises',
    code: `const things = []
      class Spy extends Promise {
        constructor(run) { super((resolve, reject) => { things.push(['resolve', resolve], ['reject', reject]); run(resolve, reject) }) }
        static get [Symbol.species]() { return Spy }
      }
      const thenable = { then(resolve, reject) { things.push(['resolve', resolve], ['reject', reject]); resolve(1) } }
      await thenable
      await Spy.resolve(thenable)
      const deferred = crypto.subtle.digest('SHA-1', new Uint8Array(1))
      Object.setPrototypeOf(deferred, Spy.prototype)
      deferred.constructor = Spy
      await deferred.then(() => {})
      ${REALM_OF_EACH}`,
  },
  {
    name: 'structured clones of odd things',
    code: `const things = []
      for (const value of [new Error('x', { cause: new TypeError('y') }), new Map([[{}, []]]), new Set([new Date()]), /x/g, new Uint8Array(4), new Blob(['x']), crypto.subtle && (await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt'])), Object(1n), new DOMException('x', 'AbortError')]) {
        let clone
        const error = await caught(() => { clone = structuredClone(value) })
        things.push(['clone', clone], ['error', error])
        if (clone && typeof clone === 'object') for (const key of Reflect.ownKeys(clone)) things.push([String(key), clone[key]])
      }
      ${REALM_OF_EACH}`,
  },
  {
    name: 'transfers of memory that is not its own',
    code: `const things = []
      const memory = new WebAssembly.Memory({ initial: 1 })
      for (const run of [() => structuredClone(memory.buffer, { transfer: [memory.buffer] }), () => new MessageChannel().port1.postMessage(memory.buffer, [memory.buffer]), () => memory.buffer.transfer(), () => structuredClone(memory), () => new MessageChannel().port1.postMessage(new SharedArrayBuffer(8))])
        things.push(['error', await caught(run)])
      if (memory.buffer.byteLength !== 65_536) return 'the memory was taken'
      ${REALM_OF_EACH}`,
  },
  {
    name: 'bytes beside its own',
    code: `const found = []
      const looks = [['random', crypto.getRandomValues(new Uint8Array(16)).buffer], ['digest', await crypto.subtle.digest('SHA-256', new Uint8Array(1))], ['body', await new Request('http://x/', { method: 'POST', body: 'abc' }).arrayBuffer()], ['encoder', new TextEncoder().encode('abc').buffer]]
      for (const [name, buffer] of looks) if (buffer.byteLength > 64) found.push(name + ' ' + buffer.byteLength)
      return found.join()`,
  },
  {
    name: 'keys of another isolate',
    code: `const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt'])
      const names = [...Reflect.ownKeys(key), ...Reflect.ownKeys(Object.getPrototypeOf(key))].map(String)
      const forged = Object.create(Object.getPrototypeOf(key), { handle: { value: 1 } })
      const error = await caught(() => crypto.subtle.exportKey('raw', forged))
      return error instanceof TypeError && !names.some((name) => /handle/.test(name)) ? '' : 'a forged key was taken: ' + names + error`,
  },
]
