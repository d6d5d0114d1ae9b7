import { join } from 'node:path'
import { pinoLogger } from '../../../src/adapters/logging/pino-logger.ts'
import { type App, createApp } from '../../../src/app.ts'
import { readConfig } from '../../../src/config.ts'
import { somebody } from '../../../test/support/principals.ts'
import { signUpAt } from '../../../test/support/signed-in.ts'
import { eventText, type FanoutSystem, type Greeting } from '../system.ts'
import { document } from './event-schema.ts'
import { type Ask, graphqlSseGreeting, graphqlWsGreeting, pollGreeting } from './greetings.ts'
import { unlimited } from '../../unlimited.ts'

const channel = 'public/bench'

const settings = {
  PORT: '0',
  COMPUTE_THREADS: '1',
  ...unlimited,
}

const greetings: Readonly<Record<Greeting['transport'], (ask: Ask) => Greeting>> = {
  ws: graphqlWsGreeting,
  sse: graphqlSseGreeting,
  poll: pollGreeting,
}

/** The whole app with its data in that folder. Its clients are one user's; they listen to a channel. */
export async function openMillrace(transport: Greeting['transport'], folder: string): Promise<FanoutSystem> {
  await using opened = new AsyncDisposableStack()
  const config = { ...readConfig(settings), dataDir: join(folder, 'data') }
  const app = opened.use(await createApp(config, { logger: pinoLogger({ level: 'silent', pretty: false }) }))
  const executions = countExecutions(app)
  const port = await app.listen()
  const user = await signUpAt(app.url, 'listener', app.setupToken)
  const { id: userId } = await user.request<{ me: { id: string } }>('{ me { id } }').then(({ me }) => me)
  const publisher = somebody({ userId, roles: ['admin'] })
  const resources = opened.move()
  return {
    port,
    greeting: greetings[transport]({
      query: document,
      authorization: user.headers['authorization'] ?? '',
      resumes: true,
    }),
    executions,
    publish(count, size) {
      for (let event = 0; event < count; event += 1) {
        void app.services.channels.publish(publisher, { channel, body: eventText(size), idempotencyKey: null })
      }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** Counts, for each event that was published, how often its subscription's field was resolved. */
function countExecutions({ schema }: App): () => number {
  const field = schema.getSubscriptionType()?.getFields()['channel']
  if (field === undefined) throw new Error('There are no channels.')
  const counts = new Map<unknown, number>()
  const { resolve = (source: unknown) => source } = field
  field.resolve = (source, ...rest) => {
    const { message } = source as { readonly message?: { readonly id: string } } // a `ChannelEvent`
    if (message !== undefined) counts.set(message.id, (counts.get(message.id) ?? 0) + 1)
    return resolve(source, ...rest)
  }
  return () => {
    const most = Math.max(0, ...counts.values())
    counts.clear()
    return most
  }
}
