import { globalAgent } from 'node:http'
import { pinoLogger } from '../../src/adapters/logging/pino-logger.ts'
import { createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { newSecret } from '../../src/core/secrets.ts'
import { answerOrders } from '../answer-orders.ts'
import { post } from '../post.ts'
import { unlimited } from '../unlimited.ts'
import type { OpenedServer, ServerOrder } from './messages.ts'
import { type Seen, seePartly } from './see-partly.ts'

/** A server in a process of its own. What it sees of requests is changed while it runs, so that nothing else differs. */

let seen: Seen = 'all'
const logger = pinoLogger({ level: 'info', pretty: false })

answerOrders(answer)

async function answer(order: ServerOrder): Promise<unknown> {
  if (order.kind === 'open') return open(order)
  if (order.kind === 'see') {
    seen = order.seen
    logger.setLevel(seen === 'all' ? null : 'warn')
  }
  const { user, system } = process.cpuUsage()
  return user + system
}

async function open({ folder }: ServerOrder & { kind: 'open' }): Promise<OpenedServer> {
  const settings = {
    PORT: '0',
    HOST: '127.0.0.1',
    COMPUTE_THREADS: '1',
    NODE_ENV: 'production',
    MILLRACE_SECRET: newSecret(32),
    LOAD_SHEDDING: 'off',
    ...unlimited,
  }
  const config = { ...readConfig(settings), dataDir: folder }
  const app = await createApp(config, {
    logger,
    wrapObservation: seePartly(() => seen),
    passwordCost: 4,
  })
  const port = await app.listen()
  const input = {
    email: 'bench@example.com',
    password: newSecret(),
    displayName: 'Bench',
    delivery: 'TOKENS',
    setupToken: app.setupToken,
  }
  const { value } = await post(port, { query: signUp, variables: { input } }, { agent: globalAgent })
  const { tokens } = value as { readonly tokens: { readonly accessToken: string } } // an answer to the query
  return { port, accessToken: tokens.accessToken }
}

const signUp = `mutation ($input: SignUpInput!) {
  signUp(input: $input) { ... on SignInSuccess { tokens { accessToken } } }
}`
