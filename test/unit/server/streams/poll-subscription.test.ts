import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Refusal } from '../../../../src/core/errors.ts'
import type { FrameStream } from '../../../../src/server/operation.ts'
import { createOutbox } from '../../../../src/server/streams/outbox.ts'
import { type PollOutcome, PollSubscription } from '../../../../src/server/streams/poll-subscription.ts'
import { textFrame } from '../../../support/fake-frame-stream.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  // A poll that was answered leaves no timer behind.
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const frame = (n: number, text = '') => textFrame({ data: { n, text } }, `c1.fake.${n}`)

interface Opening {
  readonly waitMs?: number
  readonly max?: number
  readonly finished?: boolean
  readonly upToDate?: boolean
}

/** A poll over a stream of which the test says what it tells. */
function open({ waitMs = 20_000, max = 100, finished = false, upToDate = true }: Opening = {}) {
  const outcomes: PollOutcome[] = []
  const calls: string[] = []
  const told = { finished, upToDate, cursor: 'c1.fake.0' }
  const stream: FrameStream = Object.assign(told, {
    begin: () => void calls.push('begin'),
    resume: () => void calls.push('resume'),
    end: () => void calls.push('end'),
  })
  const poll = new PollSubscription(stream, { waitMs, max }, createOutbox(), (outcome) => outcomes.push(outcome))
  poll.begin()
  return { poll, told, calls, outcomes }
}

/** The end of the present piece of work. */
const settled = () => vi.advanceTimersByTimeAsync(0)
const shown = ([outcome]: readonly PollOutcome[]) =>
  outcome?.type === 'page' ? { ...outcome, items: outcome.items.map(({ cursor }) => cursor) } : outcome

describe('a poll', () => {
  it('is answered with all that one piece of work has for it', async () => {
    const { poll, calls, outcomes } = open()
    poll.send(frame(1))
    poll.send(frame(2))
    expect(outcomes).toEqual([])
    await settled()
    expect(outcomes).toHaveLength(1)
    expect(shown(outcomes)).toEqual({
      type: 'page',
      items: ['c1.fake.1', 'c1.fake.2'],
      cursor: 'c1.fake.2',
      upToDate: true,
      closed: false,
    })
    expect(calls).toEqual(['begin', 'end'])
  })

  it('collects what there is until the stream is up to date', async () => {
    const { poll, told, outcomes } = open({ upToDate: false })
    for (const n of [1, 2, 3]) {
      poll.send(frame(n))
      await settled()
    }
    expect(outcomes).toEqual([])
    told.upToDate = true
    poll.upToDate()
    await settled()
    expect(shown(outcomes)).toMatchObject({ items: ['c1.fake.1', 'c1.fake.2', 'c1.fake.3'], upToDate: true })
  })

  it('takes no more than asked for, and says that there is more', async () => {
    const { poll, outcomes } = open({ max: 2, upToDate: false })
    poll.send(frame(1))
    expect(poll.isWritable).toBe(true)
    poll.send(frame(2))
    expect(poll.isWritable).toBe(false)
    await settled()
    expect(shown(outcomes)).toMatchObject({ items: ['c1.fake.1', 'c1.fake.2'], upToDate: false })
  })

  it('takes nothing more beyond 1 MiB', async () => {
    const { poll, outcomes } = open({ upToDate: false })
    let taken = 0
    while (poll.isWritable) poll.send(frame((taken += 1), 'x'.repeat(100_000)))
    expect(taken).toBe(11)
    await settled()
    expect(outcomes).toHaveLength(1)
  })

  it('is told that nothing happened when its wait is over', async () => {
    const { outcomes, calls } = open({ waitMs: 500 })
    await vi.advanceTimersByTimeAsync(499)
    expect(outcomes).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(outcomes).toEqual([{ type: 'nothing', cursor: 'c1.fake.0' }])
    expect(calls).toEqual(['begin', 'end'])
  })

  it('that does not wait is answered as soon as the stream is up to date, not before', async () => {
    const { poll, told, outcomes } = open({ waitMs: 0, upToDate: false })
    await settled()
    expect(outcomes).toEqual([])
    told.upToDate = true
    poll.upToDate()
    await settled()
    expect(outcomes).toEqual([{ type: 'nothing', cursor: 'c1.fake.0' }])
  })

  it('that does not wait is answered at once where nothing has happened', async () => {
    const { outcomes } = open({ waitMs: 0 })
    await settled()
    expect(outcomes).toEqual([{ type: 'nothing', cursor: 'c1.fake.0' }])
  })

  it('whose wait is over while it reads is answered with what it has, and waits for the first', async () => {
    const slow = open({ waitMs: 500, upToDate: false })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(slow.outcomes).toEqual([])
    slow.poll.send(frame(1))
    await settled()
    expect(shown(slow.outcomes)).toMatchObject({ items: ['c1.fake.1'], upToDate: false })
  })

  it('is closed by the last event, and at the end of a finished log without beginning', async () => {
    const { poll, outcomes } = open()
    poll.send(textFrame({}, 'c1.fake.1', true))
    expect(poll.isWritable).toBe(false)
    poll.ended(null)
    await settled()
    expect(shown(outcomes)).toMatchObject({ items: ['c1.fake.1'], upToDate: true, closed: true })
    const finished = open({ finished: true })
    expect(shown(finished.outcomes)).toMatchObject({ items: [], cursor: 'c1.fake.0', upToDate: true, closed: true })
    expect(finished.calls).toEqual(['end'])
  })

  it('gives what it has collected when the stream fails, and leaves the failure to the next', async () => {
    const { poll, outcomes } = open()
    poll.send(frame(1))
    poll.ended(new Refusal('CURSOR_EXPIRED', 'Forgotten.'))
    await settled()
    expect(shown(outcomes)).toMatchObject({ type: 'page', items: ['c1.fake.1'], upToDate: false, closed: false })
    expect(outcomes).toHaveLength(1)
  })

  it.each(['SESSION_REVOKED', 'UNAUTHENTICATED'] as const)(
    'gives nothing to who may see nothing more: %s',
    async (code) => {
      const { poll, outcomes } = open()
      const reason = new Refusal(code, 'Over.')
      poll.send(frame(1))
      poll.ended(reason)
      await settled()
      expect(outcomes).toEqual([{ type: 'failure', reason }])
    },
  )

  it('fails with the stream where it has collected nothing', () => {
    const { poll, outcomes } = open()
    const reason = new Error('broken')
    poll.ended(reason)
    expect(outcomes).toEqual([{ type: 'failure', reason }])
  })

  it('is answered at once when the server stops, and not at all when its client has gone', async () => {
    const stopped = open()
    stopped.poll.send(frame(1))
    stopped.poll.wake()
    expect(shown(stopped.outcomes)).toMatchObject({ type: 'page', items: ['c1.fake.1'] })
    const gone = open()
    gone.poll.send(frame(1))
    gone.poll.force()
    expect(gone.outcomes).toEqual([{ type: 'broken off' }])
    for (const { poll, outcomes, calls } of [stopped, gone]) {
      for (const again of [() => poll.wake(), () => poll.force(), () => poll.ended(null), () => poll.send(frame(2))])
        again()
      await settled()
      expect([outcomes.length, calls]).toEqual([1, ['begin', 'end']])
    }
  })
})
