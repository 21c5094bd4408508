// @slow
import { openStore } from '../../src/store/libsql/open.ts'
import { storeContract } from './contract.ts'
import { temporaryFolder } from './fixtures.ts'

const folder = await temporaryFolder()
let count = 0

storeContract({
  name: 'file',
  open: () => openStore({ url: `file:${folder.path}/new folder/${count++}.db`, authToken: null }),
  after: async () => folder[Symbol.asyncDispose](),
})
