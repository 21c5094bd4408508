import { fromBase64, toBase64 } from '../../javascript/base64.ts'
import { need } from './convert.ts'
import { expose } from './define.ts'
import { DOMException } from './dom-exception.ts'

const apply = Reflect.apply
const fromCharCode = String.fromCharCode
const PIECE = 8192

const functions = {
  btoa(data: unknown): string {
    need(arguments.length, 1, 'btoa')
    const text = String(data)
    const bytes = new Uint8Array(text.length)
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      if (unit > 255)
        throw new DOMException('btoa: the string has characters beyond Latin-1', 'InvalidCharacterError')
      bytes[index] = unit
    }
    return toBase64(bytes)
  },

  atob(data: unknown): string {
    need(arguments.length, 1, 'atob')
    const bytes = fromBase64(String(data))
    if (bytes === null) throw new DOMException('atob: the string is not base64', 'InvalidCharacterError')
    let text = ''
    for (let at = 0; at < bytes.length; at += PIECE)
      text += apply(fromCharCode, undefined, bytes.subarray(at, at + PIECE) as unknown as number[])
    return text
  },
}

for (const [name, value] of Object.entries(functions)) expose(name, value, true)
