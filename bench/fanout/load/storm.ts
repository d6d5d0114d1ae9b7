import { setTimeout as sleep } from 'node:timers/promises'
import type { Storm } from '../messages.ts'
import { defaultSize } from '../system.ts'
import { connectAll, type Pool } from './pool.ts'
import { openSubscriber, type Subscriber } from './subscriber.ts'
import { createTally } from './tally.ts'

/** The longest that all of them may take, in ms. */
const deadlineMs = 60_000

/**
 * All clients leave, events happen, and all come back at once, each from one of the last places of before, so that each has
 * another number of events to hear again.
 */
export async function storm(pool: Pool, { events }: { readonly events: number }): Promise<Storm> {
  const { server, control, subscribers } = pool
  const places = await recordPlaces(pool, events)
  for (const subscriber of subscribers) subscriber.close()
  // The server finds out of each.
  await sleep(1000)
  control.publish(events, defaultSize)
  await sleep(500)
  const before = await control.usage()
  const tally = createTally()
  const expected = (index: number) => events + events - 1 - (index % events)
  const total = subscribers.reduce((sum, _, index) => sum + expected(index), 0)
  const started = performance.now()
  let lost = ''
  const back = await connectAll(subscribers.length, (index) =>
    openSubscriber({
      port: server.port,
      greeting: { ...server.greeting, until: '' },
      tally,
      after: places[index % events] ?? null,
      onLost: (reason) => (lost = reason),
    }),
  )
  while (tally.received < total && lost === '' && performance.now() - started < deadlineMs) await sleep(2)
  const ms = performance.now() - started
  const after = await control.usage()
  const wrong = back.findIndex((subscriber, index) => subscriber.received !== expected(index))
  for (const subscriber of back) subscriber.close()
  if (lost !== '') throw new Error(`The server lost a client that came back: ${lost}`)
  if (wrong !== -1) throw new Error(describe(back, wrong, expected(wrong)))
  return { ms, replayed: total, executions: after.executions, cpuUs: after.cpuUs - before.cpuUs }
}

function describe(back: readonly Subscriber[], index: number, expected: number): string {
  return `Client ${index} received ${back[index]?.received} events after its place, not ${expected}.`
}

/** The places after so many events. */
async function recordPlaces({ control, server, publish }: Pool, events: number): Promise<readonly string[]> {
  let text = ''
  const { port, greeting } = server
  const observer = openSubscriber({
    port,
    greeting,
    tally: createTally(),
    after: null,
    onLost: () => undefined,
    onBytes: (bytes) => (text += bytes.toString('latin1')),
  })
  await observer.ready
  text = ''
  for (let event = 0; event < events; event += 1) await publish(1, defaultSize)
  while (observer.received < events) await sleep(5)
  observer.close()
  await control.usage()
  const places = [...text.matchAll(/"cursor":"([^"]+)"/g)].map(([, cursor]) => cursor ?? '')
  if (places.length !== events) throw new Error(`${places.length} places were told with ${events} events.`)
  return places
}
