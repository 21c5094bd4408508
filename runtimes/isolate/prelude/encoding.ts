import {
  TextDecoder,
  TextDecoderStream,
  TextEncoder,
  TextEncoderStream,
} from '@exodus/bytes/encoding-lite.js'
import { exposeInterfaces } from './define.ts'

exposeInterfaces({ TextDecoder, TextDecoderStream, TextEncoder, TextEncoderStream })
