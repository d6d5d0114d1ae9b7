import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Course } from '../../../client/course.ts'
import { drive } from '../../../client/drive.ts'
import { OperationError } from '../../../client/frame.ts'
import { createFrameQueue } from '../../../client/frame-queue.ts'
import { clientTimes } from '../../../client/times.ts'
import { transportMemory } from '../../../client/transport-memory.ts'
import { createScriptedServer, cursorOf, follow, openCourse } from './scripted-server.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** Passes time in which all that is open gives its signs of life. */
async function live(server: ReturnType<typeof createScriptedServer>, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5_000) {
    await pass(5_000)
    server.beat()
  }
}

/** A subscription where only polls get through, and that polls. */
async function beginPolling(given: Partial<Course> = {}) {
  const server = createScriptedServer()
  Object.assign(server.passage, { ws: 'refused', sse: 'refused' })
  const opened = openCourse(server, given)
  const followed = follow(opened.course)
  void drive(opened.course)
  await pass(2_000)
  expect(server.open.map(({ name }) => name)).toEqual(['poll'])
  return { server, followed, ...opened }
}

describe('a subscription over a worse transport', () => {
  it('goes over to the best that works, opened after the last frame before the other is closed', async () => {
    const { server, followed, connects, course, stop } = await beginPolling()
    server.publish(5)
    server.passage.ws = 'open'
    await live(server, 50_000)
    await pass((course.memory?.probeAt ?? 0) - Date.now())
    // Taken up, and not yet for a second.
    expect(server.open.map(({ name, after }) => [name, after])).toEqual([
      ['poll', null],
      ['ws', cursorOf(5)],
    ])
    server.publish(3)
    await pass(0)
    expect(server.open.map(({ name }) => name)).toEqual(['ws'])
    server.publish(2)
    await pass(0)
    expect(followed.seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(connects).toEqual(['ws', 'sse', 'poll', 'ws'])
    stop()
    await pass(0)
    expect([server.open, vi.getTimerCount()]).toEqual([[], 0])
  })

  it('goes over on a quiet stream, too, once the better one has stood for a second', async () => {
    const { server, followed, connects } = await beginPolling()
    server.passage.sse = 'open'
    await live(server, 65_000)
    expect(server.open.map(({ name, after }) => [name, after])).toEqual([['sse', cursorOf(0)]])
    server.publish()
    await pass(0)
    expect([followed.seen, connects.at(-1)]).toEqual([[0, 1], 'sse'])
    // And further up from there.
    server.passage.ws = 'open'
    await live(server, 180_000)
    expect(server.open.map(({ name }) => name)).toEqual(['ws'])
  })

  it('tries after one minute, and after twice as long each time, up to 15 minutes', async () => {
    const { server } = await beginPolling()
    const times: number[] = []
    const start = Date.now()
    let before = server.opened.length
    for (let minute = 0; minute < 120; minute += 1) {
      await live(server, 60_000)
      if (server.opened.length > before) times.push(Math.round((Date.now() - start) / 60_000))
      before = server.opened.length
    }
    expect(times.slice(0, 5)).toEqual([1, 3, 7, 15, 30])
    expect(times.slice(5).map((time, index) => time - (times[index + 4] ?? 0))).toEqual(times.slice(5).map(() => 15))
    // Each time both better ones.
    expect(server.opened.filter((name) => name === 'ws')).toHaveLength(times.length + 1)
    expect(server.opened.filter((name) => name === 'sse')).toHaveLength(times.length + 1)
  })

  it('stays where it is while the better one holds everything back, and lets it go', async () => {
    const { server, followed } = await beginPolling()
    server.passage.ws = 'held'
    server.passage.sse = 'held'
    await live(server, 75_000)
    expect(server.open.map(({ name }) => name)).toEqual(['poll'])
    server.publish(2)
    await pass(0)
    expect(followed.seen).toEqual([0, 1, 2])
  })

  it('stays where it is when the better one is refused, or has a gap', async () => {
    const { server, followed, course } = await beginPolling()
    server.publish(5)
    Object.assign(server.passage, { ws: 'open', sse: 'open' })
    server.refusal = new OperationError([{ message: 'Too many.', extensions: { code: 'TOO_MANY_OPERATIONS' } }])
    await live(server, 65_000)
    expect(server.open.map(({ name }) => name)).toEqual(['poll'])
    server.refusal = null
    server.oldest = 9
    await live(server, 125_000)
    expect(server.opened.slice(-2)).toEqual(['ws', 'sse'])
    expect(server.open.map(({ name }) => name)).toEqual(['poll'])
    expect([followed.seen, followed.end, course.after]).toEqual([[0, 1, 2, 3, 4, 5], undefined, cursorOf(5)])
  })

  it('is complete when the better one finds the end of the log', async () => {
    const { server, followed } = await beginPolling()
    server.passage.ws = 'open'
    server.passage.poll = 'held'
    await live(server, 55_000)
    server.publish(2)
    server.finish()
    await pass(0)
    expect([followed.seen, followed.end]).toEqual([[0, 1, 2], 'done'])
    expect([server.open, vi.getTimerCount()]).toEqual([[], 0])
  })

  it('tells its own way when the connection is lost while a better one is being opened', async () => {
    const { server, followed, stop } = await beginPolling()
    server.passage.ws = 'held'
    await live(server, 60_000)
    expect(server.open.map(({ name }) => name)).toEqual(['poll', 'ws'])
    server.cut()
    await pass(2_000)
    expect(server.open.map(({ name }) => name)).toEqual(['poll'])
    server.publish()
    await pass(0)
    expect(followed.seen).toEqual([0, 1])
    stop()
    await pass(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not try while too many frames wait', async () => {
    const queue = createFrameQueue(3)
    const server = createScriptedServer()
    Object.assign(server.passage, { ws: 'refused', sse: 'refused' })
    const { course } = openCourse(server, { queue, after: cursorOf(0) })
    void drive(course)
    server.publish(9)
    await pass(200_000)
    expect(server.opened).toEqual(['ws', 'sse', 'poll'])
  })
})

describe('subscriptions to one server', () => {
  it('begin with the transport that worked last, and only one of them tries a better one at a time', async () => {
    const first = await beginPolling()
    const { url, memory } = first.course
    expect(memory?.name).toBe('poll')
    const again = () => {
      const opened = openCourse(first.server, { url, memory: transportMemory(url, clientTimes), current: 2 })
      follow(opened.course)
      void drive(opened.course)
      return opened
    }
    const others = [again(), again(), again()]
    await live(first.server, 65_000)
    expect(first.server.opened).toEqual(['ws', 'sse', 'poll', 'poll', 'poll', 'poll', 'ws', 'sse'])
    first.server.passage.ws = 'open'
    await live(first.server, 400_000)
    // What one has found, the others follow.
    expect(first.server.open.map(({ name }) => name)).toEqual(['ws', 'ws', 'ws', 'ws'])
    expect(memory?.name).toBe('ws')
    for (const { stop } of [first, ...others]) stop()
    await pass(0)
    expect([first.server.open, vi.getTimerCount()]).toEqual([[], 0])
  })
})
