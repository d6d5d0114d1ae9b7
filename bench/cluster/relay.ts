import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../test/support/eventually.ts'
import { document } from '../fanout/systems/event-schema.ts'
import { graphqlWsGreeting } from '../fanout/systems/greetings.ts'
import { defaultSize, eventText } from '../fanout/system.ts'
import { openSubscriber } from '../fanout/load/subscriber.ts'
import { createTally } from '../fanout/load/tally.ts'
import { graphqlRequest, type HttpConnection, openHttpConnection } from './http-connection.ts'
import type { Cluster } from './open-cluster.ts'
import { publishMessage } from './publish-message.ts'

/** Clients that publish at one member, and one that listens at another. */
export interface Relay extends Disposable {
  readonly publisher: number
  readonly subscriber: number
  /** Publishes at a fixed pace, whether those before were answered or not; µs from when each was due to when it was received. */
  pace(messages: number, perSecond: number): Promise<readonly number[]>
}

/** Requests at once. */
const connections = 16
/** The longest that the last of them may take, in ms. */
const deadlineMs = 30_000

/** Connects them; throws when a client is turned away. */
export async function openRelay(cluster: Cluster): Promise<Relay> {
  const { port, user } = cluster
  const authorization = user.headers['authorization'] ?? ''
  using opened = new DisposableStack()
  const tally = createTally()
  let lost = ''
  const listener = openSubscriber({
    port,
    greeting: graphqlWsGreeting({ query: document, authorization, resumes: true }),
    tally,
    after: null,
    onLost: (reason) => (lost = reason),
  })
  opened.defer(() => listener.close())
  await listener.ready
  const subscriber = await cluster.memberOf(listener.localPort ?? 0)
  const { publisher, publishers } = await connectElsewhere(cluster, subscriber)
  for (const connection of publishers) opened.defer(() => connection.close())
  const publish = createPublisher(publishers, authorization)
  const resources = opened.move()
  return {
    publisher,
    subscriber,
    async pace(messages, perSecond) {
      const delays: number[] = []
      tally.delays = delays
      let refused = ''
      const started = performance.now()
      const answers: Promise<void>[] = []
      for (let message = 0; message < messages; message += 1) {
        const ms = started + (message * 1000) / perSecond - performance.now()
        if (ms > 0) await sleep(ms)
        const note = (error: unknown) => {
          refused = String(error)
        }
        answers.push(publish(eventText(defaultSize)).catch(note))
      }
      await Promise.all(answers)
      await eventually(() => delays.length >= messages || lost + refused !== '', deadlineMs)
      tally.delays = null
      if (delays.length !== messages) throw new Error(`${delays.length} of ${messages} came. ${lost}${refused}`)
      return delays
    },
    [Symbol.dispose]: () => resources.dispose(),
  }
}

/** Connections to one member that is not that one. */
async function connectElsewhere(cluster: Cluster, subscriber: number) {
  const publisher = cluster.members.find((pid) => pid !== subscriber)
  if (publisher === undefined) throw new Error('There is no other member.')
  const publishers: HttpConnection[] = []
  await eventually(async () => {
    const connection = openHttpConnection(cluster.port)
    await connection.ready
    if ((await cluster.memberOf(connection.localPort)) === publisher) publishers.push(connection)
    else connection.close()
    return publishers.length === connections
  }, deadlineMs)
  return { publisher, publishers }
}

/** Publishes over the connection that has been free for the longest time, so that the server closes none that is idle. */
function createPublisher(all: readonly HttpConnection[], authorization: string): (body: string) => Promise<void> {
  const free = [...all]
  const waiting: ((connection: HttpConnection) => void)[] = []
  const take = () => {
    const connection = free.shift()
    return connection ?? new Promise<HttpConnection>((resolve) => waiting.push(resolve))
  }
  const giveBack = (connection: HttpConnection) => {
    const next = waiting.shift()
    if (next === undefined) free.push(connection)
    else next(connection)
  }
  return async (body) => {
    const connection = await take()
    const asked = connection.ask(graphqlRequest(publishMessage(body), authorization))
    const answer = await asked.finally(() => giveBack(connection))
    if (!answer.includes('MessageAccepted')) throw new Error(`A message was refused: ${answer.slice(0, 400)}`)
  }
}
