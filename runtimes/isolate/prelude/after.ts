import { standIns } from './before.ts'

const target = globalThis as unknown as Record<string, unknown>
for (const name of standIns) delete target[name]
