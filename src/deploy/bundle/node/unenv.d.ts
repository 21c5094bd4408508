// unenv ships no declarations for this module: it has the types of what it stands for.
declare module 'unenv/node/events' {
  import { EventEmitter } from 'node:events'

  export { EventEmitter }
}
