import { Agent } from 'node:http'
import { document } from '../fanout/systems/event-schema.ts'
import { graphqlSseGreeting, graphqlWsGreeting } from '../fanout/systems/greetings.ts'
import { eventText, type FanoutSystem, type Greeting } from '../fanout/system.ts'
import { signInAt } from '../../test/support/signed-in.ts'
import { post } from '../post.ts'
import type { Cluster } from './open-cluster.ts'
import { publishMessage } from './publish-message.ts'
import type { BenchRedis } from './redis-of-bench.ts'

/** Requests at once: whoever is given their connections publishes. One that is idle is closed before the server does it. */
const connections = { keepAlive: true, maxSockets: 4, scheduling: 'fifo', timeout: 2000 } as const

/** A cluster as `bench/fanout` uses what it measures: events are published through the API, on whatever member that lands. */
export async function clusterSystem(
  { port, user, cpuUs }: Cluster,
  transport: Exclude<Greeting['transport'], 'poll'>,
  redis: BenchRedis | null,
): Promise<FanoutSystem> {
  const agent = new Agent(connections)
  const { headers } = await signInAt(`http://127.0.0.1:${port}`, user)
  const ask = { query: document, authorization: headers['authorization'] ?? '', resumes: true }

  async function publish(body: string): Promise<void> {
    const { value } = await post(port, publishMessage(body), { agent, headers })
    const { __typename: name, message } = value as { readonly __typename?: string; readonly message?: string } // an answer to it
    if (name !== 'MessageAccepted') throw new Error(`A message was refused: ${message ?? name ?? 'without a reason'}`)
  }

  return {
    port,
    greeting: transport === 'ws' ? graphqlWsGreeting(ask) : graphqlSseGreeting(ask),
    publish(count, size) {
      // Whoever waits for the event tells that it does not come; this says why.
      for (let event = 0; event < count; event += 1) publish(eventText(size)).catch(console.error)
    },
    cpuUs: async () => cpuUs() + ((await redis?.cpuUs()) ?? 0),
    async [Symbol.asyncDispose]() {
      agent.destroy()
    },
  }
}
