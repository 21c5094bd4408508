/** `npm run db:init` and `npm run db:seed`: the schema, and two example callbacks. */
import { availableParallelism, totalmem } from 'node:os'
import process from 'node:process'
import { ConfigError, readConfig } from '../config.ts'
import type { CallbackInput } from '../domain/callback.ts'
import { openStore } from '../store/libsql/open.ts'
import { PathTaken, type Store } from '../store/store.ts'

const EXAMPLES: readonly { id: number; input: CallbackInput }[] = [
  {
    id: 1001,
    input: {
      path: 'hello',
      method: 'GET',
      type: 'python',
      code: "def lambda_handler(event, context):\n    return {'statusCode': 200, 'body': {'message': 'hello'}}\n",
      library: null,
      env: {},
      chat_id: null,
      limits: {},
      response_mode: 'proxy',
    },
  },
  {
    id: 1002,
    input: {
      path: 'world',
      method: 'GET',
      type: 'node',
      code: "export const lambda_handler = async (event) => ({ statusCode: 200, body: { message: 'world' } })\n",
      library: null,
      env: {},
      chat_id: null,
      limits: {},
      response_mode: 'proxy',
    },
  },
]

async function seed(store: Store): Promise<void> {
  for (const { id, input } of EXAMPLES) {
    if ((await store.callbacks.get(id)) !== null) {
      console.log(`callback ${id} "${input.path}" is there already`)
      continue
    }
    try {
      await store.callbacks.create(input, id)
      console.log(`callback ${id} "${input.path}" (${input.type}) added`)
    } catch (error) {
      if (!(error instanceof PathTaken)) throw error
      console.log(
        `callback ${id} "${input.path}" left out: callback ${error.callback_id} has that path and method`,
      )
    }
  }
}

async function main(command: string | undefined): Promise<number> {
  if (command !== 'init' && command !== 'seed') {
    console.error('usage: db.ts init | seed')
    return 2
  }
  const machine = {
    cores: availableParallelism(),
    memoryMb: Math.floor(totalmem() / 1_048_576),
    terminal: process.stdout.isTTY === true,
    cwd: process.cwd(),
  }
  const { config } = readConfig(process.env, machine)
  await using store = await openStore({ url: config.dbUrl, authToken: config.dbAuthToken })
  console.log(`schema ready: ${store.location}`)
  if (command === 'seed') await seed(store)
  return 0
}

try {
  process.exitCode = await main(process.argv[2])
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = error instanceof ConfigError ? 78 : 1
}
