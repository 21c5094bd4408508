// `node:stream/promises` where there is no Node.
import { promises } from './stream.ts'

export const { finished, pipeline } = promises
export default promises
