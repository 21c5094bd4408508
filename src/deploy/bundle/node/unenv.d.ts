// unenv ships no declarations for this module: it has the types of what it stands for.
declare module 'unenv/node/buffer' {
  import { Buffer, constants, kMaxLength } from 'node:buffer'

  export { Buffer, constants, kMaxLength }
}
