import {
  TextDecoder as LibraryDecoder,
  TextDecoderStream as LibraryDecoderStream,
  normalizeEncoding,
  TextEncoder,
  TextEncoderStream,
} from '@exodus/bytes/encoding-lite.js'
import { exposeInterfaces, exposeShaped } from './define.ts'

/** The tables of these weigh as much as the rest of the platform together, and come with every instance. */
const LEGACY = new Set(['big5', 'euc-jp', 'euc-kr', 'gb18030', 'gbk', 'iso-2022-jp', 'shift_jis'])

/** The library would say so only when it decodes. */
const guarded = <T extends new (...args: never[]) => object>(library: T): T =>
  new Proxy(library, {
    construct(target, args, newTarget) {
      const label = args[0] === undefined ? 'utf-8' : String(args[0])
      if (LEGACY.has(normalizeEncoding(label) ?? ''))
        throw new RangeError(`The encoding "${label}" is not offered here`)
      return Reflect.construct(target, args, newTarget)
    },
  })

exposeInterfaces({
  TextDecoder: LibraryDecoder,
  TextDecoderStream: LibraryDecoderStream,
  TextEncoder,
  TextEncoderStream,
})
const [TextDecoder, TextDecoderStream] = [guarded(LibraryDecoder), guarded(LibraryDecoderStream)]
for (const one of [TextDecoder, TextDecoderStream])
  Object.defineProperty(one.prototype, 'constructor', { value: one, writable: true, configurable: true })
exposeShaped({ TextDecoder, TextDecoderStream })
