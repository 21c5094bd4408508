import { openStore } from '../../src/store/libsql/open.ts'
import { storeContract } from './contract.ts'

storeContract({ name: 'memory', open: () => openStore({ url: ':memory:', authToken: null }) })
