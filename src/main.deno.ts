import { denoPeer, denoUpgrade, serveDeno } from './http/deno-server.ts'
import { serve } from './serve.ts'

await serve({ listen: serveDeno, peer: denoPeer, upgradeWebSocket: denoUpgrade })
