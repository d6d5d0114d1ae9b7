import { describe, expect, it } from 'vitest'
import { createOutbox } from '../../../../src/server/streams/outbox.ts'
import { type PollOutcome, PollSubscription } from '../../../../src/server/streams/poll-subscription.ts'
import { openGroups, settle } from './groups/open-groups.ts'

const otherEpoch = { after: 'c1.otherepoch1.2', onGap: 'snapshot' } as const

/** A poll of a real subscriber; what came of it, and the resume reports of its items. */
async function openPoll({ resume = null as { after: string } | null, waitMs = 0, isHeld = false, isSlow = false }) {
  const gate = Promise.withResolvers<void>()
  const test = openGroups({ executing: () => (isSlow ? gate.promise : null) })
  test.publish(1, 2, 3)
  const subscriber = await test.enlist(resume)
  if (isHeld) subscriber.hold()
  const outcomes: PollOutcome[] = []
  const poll = new PollSubscription(subscriber, { waitMs, max: 100 }, createOutbox(), (outcome) =>
    outcomes.push(outcome),
  )
  poll.begin()
  await settle()
  return { poll, subscriber, outcomes, open: () => gate.resolve() }
}

/** How the first item says that it came to be. */
function openingOf(outcome: PollOutcome | undefined): unknown {
  if (outcome?.type !== 'page') throw new Error(`It came to ${outcome?.type ?? 'nothing yet'}.`)
  return JSON.parse(outcome.items[0]?.payload ?? '').extensions.resume.status
}

describe('a poll whose snapshot is due', () => {
  it.each([
    ['fresh', null],
    ['snapshot', otherEpoch],
  ])('is not told of a place after it while it is held, and then gets it (%s)', async (status, resume) => {
    const { outcomes, subscriber } = await openPoll({ resume, isHeld: true })
    expect(outcomes).toEqual([])
    expect([subscriber.upToDate, subscriber.cursor]).toEqual([false, null])
    subscriber.release()
    await settle()
    expect(outcomes.map(openingOf)).toEqual([status])
  })

  it('is asked to come back by a server that stops before it is made', async () => {
    const { poll, outcomes, open } = await openPoll({ resume: otherEpoch, waitMs: 20_000, isSlow: true })
    poll.wake()
    expect(outcomes).toMatchObject([{ type: 'failure', reason: { code: 'OVERLOADED' } }])
    open()
    await settle()
    expect(outcomes).toHaveLength(1)
  })

  it('has a place before its first item where nothing was missed', async () => {
    const { poll, outcomes, subscriber } = await openPoll({
      resume: { after: 'earliest' },
      waitMs: 20_000,
      isHeld: true,
    })
    const { cursor } = subscriber
    expect(cursor).toMatch(/\.0$/)
    poll.wake()
    expect(outcomes).toEqual([{ type: 'nothing', cursor }])
  })
})
