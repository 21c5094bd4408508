import { nodePeer, nodeUpgrade, serveNode } from './http/node-server.ts'
import { serve } from './serve.ts'

await serve({ listen: serveNode, peer: nodePeer, upgradeWebSocket: nodeUpgrade })
