import { enableCompileCache } from 'node:module'

// Before anything else is loaded: what was compiled once starts in half the time.
enableCompileCache()

const { nodePeer, nodeUpgrade, serveNode } = await import('./http/node-server.ts')
const { serve } = await import('./serve.ts')

await serve({ listen: serveNode, peer: nodePeer, upgradeWebSocket: nodeUpgrade })
