import { TextDecoder, TextDecoderStream, TextEncoder, TextEncoderStream } from '@exodus/bytes/encoding.js'
import { exposeInterfaces } from './define.ts'

// With the tables of the legacy encodings: of the 7 ms that an isolate takes to restore they are 0.3.
exposeInterfaces({ TextDecoder, TextDecoderStream, TextEncoder, TextEncoderStream })
