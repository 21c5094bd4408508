import { readFileSync } from 'node:fs'
import * as https from 'node:https'
import process from 'node:process'
import { WebSocketServer } from 'ws'
import { egressOf, listening } from './servers.ts'

/**
 * A TLS server for `secure.test`, and a function that goes to it under several names: what came of it, as JSON. A
 * process of its own, for what it trusts is read from the environment when it starts.
 */
const fixture = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url))
const server = https.createServer(
  { key: fixture('secure-test-key'), cert: fixture('secure-test') },
  (_, response) => response.end('over tls'),
)
new WebSocketServer({ server }).on('connection', (socket) => socket.send('over tls'))
const { port } = await listening(server, '127.0.0.2')
const egress = egressOf({ allow: ['127.0.0.2'], resolve: () => Promise.resolve(['127.0.0.2']) })

async function fetched(host: string): Promise<string> {
  try {
    return await (await egress.fetch(new Request(`https://${host}:${port}/`), 0)).text()
  } catch (error) {
    return String(error)
  }
}

async function heard(host: string): Promise<string> {
  try {
    const socket = await egress.connect(`wss://${host}:${port}/`, [], 0, AbortSignal.timeout(5000))
    return await new Promise((resolve) => {
      socket.onMessage = (data) => resolve(String(data))
    })
  } catch (error) {
    return String(error)
  }
}

const results = {
  right: await fetched('secure.test'),
  dotted: await fetched('secure.test.'),
  address: await fetched('127.0.0.2'),
  wrong: await fetched('other.test'),
  socket: await heard('secure.test'),
  wrongSocket: await heard('other.test'),
}
console.log(JSON.stringify(results))
process.exit(0)
