import { enableCompileCache } from 'node:module'
import { setFlagsFromString } from 'node:v8'

// Before anything else is loaded: what was compiled once starts in half the time.
enableCompileCache()
// The heap is small and bodies lie beside it: V8 would collect all of it for every 16 MB that pass.
setFlagsFromString('--heap-growing-percent=400')

const { nodePeer, nodeUpgrade, serveNode } = await import('./http/node-server.ts')
const { serve } = await import('./serve.ts')

await serve({ listen: serveNode, peer: nodePeer, upgradeWebSocket: nodeUpgrade })
