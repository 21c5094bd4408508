/** The least that node:http can do: what the load generator's own ceiling is measured against. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { HELLO_BODY } from '../functions.ts'

const server = createServer((_, response) => {
  response.setHeader('content-type', 'text/plain')
  response.end(HELLO_BODY)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`)
})
