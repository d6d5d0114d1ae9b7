import { join } from 'node:path'
import { pinoLogger } from '../../src/adapters/logging/pino-logger.ts'
import { type App, createApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { newSecret } from '../../src/core/secrets.ts'
import { answerOrders } from '../answer-orders.ts'
import { unlimited } from '../unlimited.ts'
import type { OpenServer, ServerOrder, Watched } from './messages.ts'

/** A server in a process of its own. It ends with the one that started it. */

/** How often the pressure is looked at, in ms. */
const everyMs = 50

let app: App | null = null
let watching = beginWatch()

answerOrders(answer)

async function answer(order: ServerOrder): Promise<unknown> {
  if (order.kind === 'open') return open(order)
  const seen = watching.end()
  if (order.kind === 'watched') return seen
  watching = beginWatch()
  return null
}

async function open({ folder, shedding }: ServerOrder & { kind: 'open' }): Promise<OpenServer> {
  const settings = {
    PORT: '0',
    HOST: '127.0.0.1',
    COMPUTE_THREADS: '1',
    NODE_ENV: 'production',
    MILLRACE_SECRET: newSecret(32),
    JOBS_PER_USER: '100000',
    LOAD_SHEDDING: shedding,
    ...unlimited,
  }
  const config = { ...readConfig(settings), dataDir: join(folder, 'data') }
  app = await createApp(config, { logger: pinoLogger({ level: 'error', pretty: false }) })
  const port = await app.listen()
  return { port, url: `http://127.0.0.1:${port}`, setupToken: app.setupToken }
}

function beginWatch(): { end(): Watched } {
  const pressures: number[] = []
  const cpu = process.cpuUsage()
  const started = performance.now()
  const timer = setInterval(() => pressures.push(app?.shedding().pressure ?? 0), everyMs)
  return {
    end() {
      clearInterval(timer)
      const { user, system } = process.cpuUsage(cpu)
      return { pressures, cores: (user + system) / 1_000 / (performance.now() - started) }
    },
  }
}
