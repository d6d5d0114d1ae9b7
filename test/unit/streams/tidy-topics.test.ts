import { describe, expect, it } from 'vitest'
import { revocationsTopic, revoke } from '../../../src/services/accounts/sessions/revocations.ts'
import { sessionsTopic, tellSessionEvent } from '../../../src/services/accounts/sessions/session-events.ts'
import { createTopicsTidy } from '../../../src/services/streams/tidy-topics.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestStore } from '../../support/open-test-store.ts'

const hour = 3_600_000

async function openTidied() {
  const store = await openTestStore()
  const clock = fakeClock()
  return {
    ...store,
    clock,
    tidy: createTopicsTidy({ store, clock }),
    kept: (topic: string) =>
      store.read(async ({ log }) => (await log.read(topic, 0, 1000)).map(({ offset }) => offset)),
    tell: (userId: string) =>
      store.write(async (records) => {
        await revoke(records, { kind: 'session', id: 'ses_1', ends: true }, clock.now())
        await tellSessionEvent(records, userId, { kind: 'ENDED', sessionId: 'ses_1', at: clock.now() })
      }),
  }
}

describe('the tidying of the log', () => {
  it('forgets what was told of sessions and revocations after a day, and nothing before', async () => {
    await using test = await openTidied()
    await test.tell('usr_1')
    test.clock.advance(hour)
    await test.tell('usr_1')
    const topics = [revocationsTopic, sessionsTopic('usr_1')]
    for (const [ms, left] of [
      [23 * hour - 1, [1, 2]],
      [1, [2]],
      [hour, []],
    ] as const) {
      test.clock.advance(ms)
      await test.tidy()
      for (const topic of topics) expect(await test.kept(topic)).toEqual(left)
    }
    await test.tell('usr_1')
    await test.tidy()
    for (const topic of topics) expect(await test.kept(topic)).toEqual([3])
  })

  it('goes on until nothing is left', async () => {
    await using test = await openTidied()
    const users = Array.from({ length: 250 }, (_, index) => `usr_${index}`)
    for (const user of users) await test.tell(user)
    test.clock.advance(24 * hour)
    await test.tidy()
    for (const user of users) expect(await test.kept(sessionsTopic(user))).toEqual([])
    expect(await test.write(({ log }) => log.tidy(test.clock.now(), 1))).toBe(0)
  })
})
