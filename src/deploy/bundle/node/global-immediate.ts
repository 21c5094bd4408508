export { clearImmediate, setImmediate } from 'node:timers'
