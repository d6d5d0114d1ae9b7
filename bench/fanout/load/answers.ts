import { setTimeout as sleep } from 'node:timers/promises'
import { connectControl } from '../control.ts'
import type { ServerFacts, Span } from '../messages.ts'
import { defaultSize } from '../system.ts'
import { lastCursor, openPoller } from './poller.ts'
import { createTally } from './tally.ts'

/** How many events each answer holds. */
const items = 4

/** Asks over some connections, again and again, for the same events, which have happened. */
export async function answers({
  server,
  clients,
  ms,
}: {
  readonly server: ServerFacts
  readonly clients: number
  readonly ms: number
}): Promise<Span> {
  using control = await connectControl(server.controlPort)
  const after = await placeBefore(server, () => control.publish(items, defaultSize))
  let answered = 0
  let lost = ''
  const { port, greeting } = server
  const tally = createTally()
  const pollers = Array.from({ length: clients }, () =>
    openPoller({
      port,
      greeting,
      tally,
      after,
      repeats: true,
      onLost: (reason) => (lost = reason),
      onAnswer: () => (answered += 1),
    }),
  )
  await sleep(300)
  const before = { ...(await control.usage()), answered, received: tally.received, at: performance.now() }
  await sleep(ms)
  const usage = await control.usage()
  const deliveries = answered - before.answered
  const took = performance.now() - before.at
  const received = tally.received - before.received
  for (const poller of pollers) poller.close()
  if (lost !== '' || received !== deliveries * items) {
    throw new Error(`${deliveries} answers brought ${received} events, not ${items} each. ${lost}`)
  }
  return { events: items, deliveries, cpuUs: usage.cpuUs - before.cpuUs, ms: took, stalled: 0 }
}

/** The place from which on these events are heard. */
async function placeBefore({ port, greeting }: ServerFacts, publish: () => void): Promise<string> {
  const places: string[] = []
  const poller = openPoller({
    port,
    greeting,
    tally: createTally(),
    after: null,
    onLost: () => undefined,
    onBytes: (bytes) => places.push(lastCursor(bytes.toString('latin1')) ?? ''),
  })
  await poller.ready
  const isSystemWithoutPast = places.length === 0
  await sleep(100)
  publish()
  while (poller.received < items) await sleep(5)
  poller.close()
  // The one without a past answers with the newest events to whoever has not heard of them.
  return isSystemWithoutPast ? '0' : (places[0] ?? '')
}
