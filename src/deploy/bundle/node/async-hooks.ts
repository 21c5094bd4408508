// `node:async_hooks` where there is no Node.
import { AsyncLocalStorage } from './async-local-storage.ts'
import { AsyncResource } from './async-resource.ts'

export { AsyncLocalStorage, AsyncResource }
export const executionAsyncId = (): number => 0
export const triggerAsyncId = (): number => 0
export const executionAsyncResource = (): object => ({})

export default { AsyncLocalStorage, AsyncResource, executionAsyncId, triggerAsyncId, executionAsyncResource }
