import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { drive } from '../../../client/drive.ts'
import { createFrameQueue } from '../../../client/frame-queue.ts'
import { createScriptedServer, cursorOf, openCourse, type Passage, type ScriptedServer } from './scripted-server.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const names = ['ws', 'sse', 'poll'] as const

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ publish: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ pass: fc.constantFrom(0, 10, 5_000, 15_000, 40_000, 61_000) }) },
  { weight: 4, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 50 }) }) },
  { weight: 2, arbitrary: fc.constant({ cut: true }) },
  {
    weight: 2,
    arbitrary: fc.record({
      name: fc.constantFrom(...names),
      passage: fc.constantFrom<Passage>('open', 'open', 'refused', 'held'),
    }),
  },
)

/** Passes time in which all that is open gives its signs of life. */
async function live(server: ScriptedServer, ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms % 5_000)
  for (let passed = 5_000; passed <= ms; passed += 5_000) {
    await vi.advanceTimersByTimeAsync(5_000)
    server.beat()
  }
}

describe('a subscription over a network that changes at will', () => {
  it('brings each event once and in order, whatever is cut, held back or refused, and however it is read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 120 }), async (steps) => {
        const server = createScriptedServer()
        // From the bottom, so that there is somewhere to climb to.
        Object.assign(server.passage, { ws: 'refused', sse: 'refused' })
        // Slow to settle, so that two connections often overlap.
        const times = { settleMs: 20_000, giveUpAtFirstMs: Infinity, giveUpAfterMs: Infinity }
        const queue = createFrameQueue(30)
        const { course, stop } = openCourse(server, { after: cursorOf(0), queue })
        const driven = drive({ ...course, times: { ...course.times, ...times } })
        const seen: unknown[] = []
        let waiting = 0
        const take = (count: number) => {
          for (let n = 0; n < count; n += 1) {
            waiting += 1
            void queue.next().then(({ value }) => {
              waiting -= 1
              if (value !== undefined) seen.push(value.data?.['n'])
            })
          }
        }
        for (const one of steps) {
          if ('publish' in one) server.publish(one.publish)
          else if ('pass' in one) await live(server, one.pass)
          else if ('take' in one) take(one.take)
          else if ('cut' in one) server.cut()
          else server.passage[one.name] = one.passage
          expect(server.open.length).toBeLessThanOrEqual(2)
        }
        Object.assign(server.passage, { ws: 'open', sse: 'open', poll: 'open' })
        take(server.head + 1 - seen.length - waiting)
        await vi.advanceTimersByTimeAsync(60_000)
        expect(seen).toEqual(Array.from({ length: server.head }, (_, index) => index + 1).slice(0, seen.length))
        expect(seen.length).toBe(server.head)
        stop()
        await driven
        await vi.advanceTimersByTimeAsync(0)
        expect([server.open, vi.getTimerCount()]).toEqual([[], 0])
      }),
      { numRuns: 200 },
    )
  }, 60_000)
})
