import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { drive } from '../../../client/drive.ts'
import { OperationError, UnavailableError } from '../../../client/frame.ts'
import { createFrameQueue } from '../../../client/frame-queue.ts'
import { createScriptedServer, cursorOf, follow, openCourse } from './scripted-server.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** Drives a subscription in the background. */
function begin(server = createScriptedServer(), given: Parameters<typeof openCourse>[1] = {}) {
  const opened = openCourse(server, given)
  const followed = follow(opened.course)
  const driven = drive(opened.course)
  return { server, ...opened, followed, driven }
}

describe('a subscription', () => {
  it('goes on with the next transport when one holds everything back for 4 s', async () => {
    const server = createScriptedServer()
    server.passage.ws = 'held'
    server.passage.sse = 'held'
    const { connects } = begin(server)
    await pass(3_999)
    expect(connects).toEqual(['ws'])
    await pass(2_000)
    expect(connects).toEqual(['ws', 'sse'])
    await pass(5_000)
    expect(connects).toEqual(['ws', 'sse', 'poll'])
    expect(server.open.map(({ name }) => name)).toEqual(['poll'])
  })

  it('gives the last transport four times as long', async () => {
    const server = createScriptedServer()
    Object.assign(server.passage, { ws: 'refused', sse: 'refused', poll: 'held' })
    const { connects } = begin(server)
    await pass(14_000)
    expect(connects).toEqual(['ws', 'sse', 'poll'])
    await pass(6_000)
    expect(connects.length).toBeGreaterThan(3)
  })

  it('takes a connection that gives no sign of life for 30 s for lost, and keeps one that does', async () => {
    const { server, followed } = begin()
    for (let beat = 0; beat < 20; beat += 1) {
      await pass(12_000)
      server.beat()
    }
    expect(server.opened).toEqual(['ws'])
    await pass(45_000)
    expect(server.opened.length).toBeGreaterThan(1)
    server.publish()
    await pass(1)
    expect(followed.seen).toEqual([0, 1])
  })

  it('is not given up while it is quiet, however often the server is killed', async () => {
    const { server, followed } = begin(createScriptedServer(), { after: cursorOf(0) })
    for (let round = 0; round < 200; round += 1) {
      Object.assign(server.passage, { ws: 'refused', sse: 'refused', poll: 'refused' })
      server.cut()
      await pass(20_000)
      Object.assign(server.passage, { ws: 'open', sse: 'open', poll: 'open' })
      await pass(6_000)
      expect(server.open.length).toBeGreaterThan(0)
    }
    server.publish()
    await pass(1)
    expect([followed.seen, followed.end]).toEqual([[1], undefined])
  })

  it('is given up after 20 s when nothing ever worked, and after 120 s when something had', async () => {
    const shut = createScriptedServer()
    Object.assign(shut.passage, { ws: 'refused', sse: 'refused', poll: 'refused' })
    const first = begin(shut)
    await pass(26_000)
    expect(first.followed.end).toEqual(expect.any(Error))

    const second = begin()
    await pass(2_000)
    Object.assign(second.server.passage, { ws: 'refused', sse: 'refused', poll: 'refused' })
    second.server.cut()
    await pass(110_000)
    expect(second.followed.end).toBeUndefined()
    await pass(20_000)
    expect(second.followed.end).toEqual(expect.any(Error))
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends with a refusal at once, on the first transport that is heard', async () => {
    const server = createScriptedServer()
    server.refusal = new OperationError([{ message: 'No.', extensions: { code: 'NOT_FOUND' } }])
    const { followed, connects } = begin(server)
    await pass(1)
    expect(followed.end).toMatchObject({ code: 'NOT_FOUND' })
    expect(connects).toEqual(['ws'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('waits and comes back when the server refuses for a while what it had let in, on the same transport', async () => {
    const { server, followed, connects } = begin()
    await pass(2_000)
    server.refusal = new OperationError([{ message: 'Too many.', extensions: { code: 'TOO_MANY_STREAMS' } }])
    server.cut()
    await pass(60_000)
    expect([followed.end, new Set(connects)]).toEqual([undefined, new Set(['ws'])])
    expect(connects.length).toBeLessThan(80)
    server.refusal = null
    server.publish(2)
    await pass(6_000)
    expect(followed.seen).toEqual([0, 1, 2])
  })

  it('comes back for a while, but not for ever, to a server that is overloaded from the first', async () => {
    const server = createScriptedServer()
    server.refusal = new OperationError([{ message: 'Later.', extensions: { code: 'OVERLOADED' } }])
    const first = begin(server)
    await pass(100)
    expect(first.followed.end).toBeUndefined()
    await pass(60_000)
    expect([first.followed.end, server.opened.length]).toEqual([server.refusal, 11])
  })

  it('tells at once that the server refuses for a while who was never let in', async () => {
    const server = createScriptedServer()
    server.refusal = new OperationError([{ message: 'Too many.', extensions: { code: 'TOO_MANY_STREAMS' } }])
    const { followed } = begin(server)
    await pass(1)
    expect(followed.end).toBe(server.refusal)
  })

  it('ends when the operation is complete', async () => {
    const { server, followed } = begin()
    await pass(1)
    server.publish(3)
    server.finish()
    await pass(1)
    expect([followed.seen, followed.end]).toEqual([[0, 1, 2, 3], 'done'])
    expect([server.open, vi.getTimerCount()]).toEqual([[], 0])
  })

  it('passes on a gap and goes on behind it, also where that is before the last cursor', async () => {
    const { server, followed } = begin(createScriptedServer(), { after: cursorOf(9) })
    server.oldest = 12
    server.publish(3)
    await pass(1)
    server.publish(1)
    await pass(1)
    // A log that was begun anew from a backup.
    expect(followed.frames[0]?.extensions?.resume).toMatchObject({ status: 'snapshot', gap: true })
    expect(followed.seen).toEqual([3, 4])
  })
})

describe('a subscription whose server asks to be left in peace', () => {
  const refusalFor = (code: string, retryAfterSeconds: unknown) =>
    new OperationError([{ message: 'Later.', extensions: { code, retryAfterSeconds } }])

  it('comes back no sooner than a refusal says, and soon after', async () => {
    const { server, followed } = begin()
    await pass(2_000)
    server.refusal = refusalFor('RATE_LIMITED', 60)
    server.cut()
    // The connection was lost: it comes back to be refused.
    await pass(500)
    const before = server.opened.length
    server.refusal = null
    await pass(59_400)
    expect(server.opened).toHaveLength(before)
    await pass(16_000)
    expect(server.opened).toHaveLength(before + 1)
    server.publish()
    await pass(1)
    expect([followed.seen, followed.end]).toEqual([[0, 1], undefined])
  })

  it('comes back no sooner than a header says where the server cannot serve, by whichever transport', async () => {
    const { server, followed } = begin()
    await pass(2_000)
    server.unavailable = new UnavailableError(503, 40)
    server.cut()
    await pass(500)
    const before = server.opened.length
    await pass(39_400)
    expect(server.opened).toHaveLength(before)
    server.unavailable = null
    await pass(11_000)
    expect([server.open.length, followed.end]).toEqual([1, undefined])
  })

  it('comes back no sooner than the last `retry` says when its connection breaks', async () => {
    const { server } = begin()
    server.retryMs = 10_000
    await pass(2_000)
    for (const round of [1, 2, 3]) {
      server.cut()
      await pass(9_999)
      expect(server.opened).toHaveLength(round)
      // One that was let in again and stood.
      await pass(4_000)
      expect(server.opened).toHaveLength(round + 1)
    }
  })

  it('is told at once when that is longer than it would try without a connection', async () => {
    const { server, followed } = begin()
    await pass(2_000)
    server.refusal = refusalFor('RATE_LIMITED', 121)
    server.cut()
    await pass(500)
    expect(followed.end).toBe(server.refusal)
    expect(followed.end).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 121 })

    const maintained = createScriptedServer()
    maintained.unavailable = new UnavailableError(503, 3_600)
    const second = begin(maintained)
    await pass(1)
    expect([second.followed.end, vi.getTimerCount()]).toEqual([maintained.unavailable, 0])
  })

  it('can be stopped while it waits, and leaves no timer', async () => {
    const { server, stop, driven } = begin()
    await pass(2_000)
    server.refusal = refusalFor('RATE_LIMITED', 60)
    server.cut()
    await pass(10_000)
    stop()
    await driven
    expect([server.open, vi.getTimerCount()]).toEqual([[], 0])
  })

  it.each([Number.NaN, -5, Infinity, '60', null, {}])('goes by its own pauses where that is %s', async (seconds) => {
    const { server } = begin()
    await pass(2_000)
    server.refusal = refusalFor('RATE_LIMITED', seconds)
    expect(server.refusal.retryAfterSeconds).toBeNull()
    server.cut()
    await pass(2_000)
    server.refusal = null
    await pass(5_000)
    expect(server.open).toHaveLength(1)
  })
})

describe('a subscription that is taken up and cut at once, again and again', () => {
  it('waits longer each time, and is not given up', async () => {
    const server = createScriptedServer()
    Object.assign(server.passage, { ws: 'dropped', sse: 'dropped', poll: 'dropped' })
    const { course, followed } = begin(server)
    await pass(60_000)
    // Pauses that stay as short as the first are a quarter of a second, some 240 of them.
    expect([server.opened.length < 80, course.failures]).toEqual([true, server.opened.length])
    await pass(540_000)
    // From the fifth on two and a half seconds on the whole.
    expect(server.opened.length).toBeLessThan(400)
    Object.assign(server.passage, { ws: 'open', sse: 'open', poll: 'open' })
    await pass(7_000)
    expect([server.open.length, followed.end, course.failures]).toEqual([1, undefined, 0])
  })
})

describe('a user who takes no frames', () => {
  it('has the connection let go when so many wait, and opened again after the last when all were taken', async () => {
    const queue = createFrameQueue(10)
    const server = createScriptedServer()
    const { course, connects } = openCourse(server, { queue, after: cursorOf(0) })
    const driven = drive(course)
    server.publish(1_000)
    await pass(60_000)
    expect([course.after, server.open, connects]).toEqual([cursorOf(10), [], ['ws']])
    expect(vi.getTimerCount()).toBe(0)

    const seen: unknown[] = []
    for (let n = 0; n < 1_000; n += 1) {
      const next = queue.next()
      await pass(0)
      const { value } = await next
      seen.push(value?.data?.['n'])
    }
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1))
    // No connection has failed, so none was slower than a turn.
    expect(new Set(connects)).toEqual(new Set(['ws']))
    server.finish()
    await pass(0)
    expect(await queue.next()).toEqual({ done: true, value: undefined })
    await driven
  })

  it('is not brought a frame more after the subscription has ended', async () => {
    const queue = createFrameQueue(10)
    const { course, stop } = openCourse(createScriptedServer(), { queue })
    const driven = drive(course)
    await pass(1)
    stop()
    await driven
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })
})

describe('a subscription that is stopped', () => {
  // While it opens, waits, was let in, probes, pauses after a failure, has too many frames waiting.
  it.each(Array.from({ length: 60 }, (_, index) => index))(
    'in step %i leaves no timer and no connection',
    async (step) => {
      const server = createScriptedServer()
      Object.assign(server.passage, { ws: 'held', sse: step % 2 === 0 ? 'held' : 'refused' })
      const { course, stop } = openCourse(server, { queue: createFrameQueue(20) })
      const driven = drive(course)
      for (let passed = 0; passed < step; passed += 1) {
        await pass(1_700)
        if (passed % 7 === 3) server.cut()
        server.publish(1)
      }
      stop()
      await driven
      await pass(0)
      expect([server.open, vi.getTimerCount()]).toEqual([[], 0])
    },
  )
})
