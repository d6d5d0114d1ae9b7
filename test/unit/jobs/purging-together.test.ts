import { expect, it } from 'vitest'
import { createPurge } from '../../../src/services/jobs/purge.ts'
import { jobTopic } from '../../../src/services/jobs/job-log.ts'
import { enterArtifact, enterEnded } from '../../contracts/fixtures/ledger-entries.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestMill } from '../../support/open-test-mill.ts'

it('the purge of several nodes at once forgets everything once, and none of them complains', async () => {
  const clock = fakeClock()
  await using mill = await openTestMill({ clock })
  const { store, bus, keeper, logger } = mill
  const entered = await Promise.all(Array.from({ length: 1500 }, () => enterEnded(store, 0)))
  await Promise.all(Array.from({ length: 300 }, (_, n) => enterArtifact(store, { hash: `${n}`.padStart(64, '0') })))
  const long = entered.slice(0, 3).map(({ id }) => jobTopic(id))
  for (const topic of long) {
    // More than one transaction removes.
    await store.write(async ({ log }) => {
      for (let n = 0; n < 2500; n += 1) await log.append(topic, { n })
    })
  }
  const kept = await enterEnded(store, clock.now())
  const purges = await Promise.all(
    [1, 2, 3, 4].map(async () => createPurge({ store: await mill.openStore(), bus, keeper, clock, logger, keepMs: 1 })),
  )
  await Promise.all(purges.map((purge) => purge()))
  const left = await store.read(async ({ ledger, log }) => ({
    jobs: (await Promise.all([...entered, kept].map(({ id }) => ledger.find(id)))).filter((job) => job !== null),
    topics: await Promise.all(long.map((topic) => log.head(topic))),
  }))
  expect(left.jobs.map(({ id }) => id)).toEqual([kept.id])
  expect(left.topics.map(({ offset }) => offset)).toEqual([0, 0, 0])
  expect(logger.lines).toEqual([])
})
