import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AlertKind, AlertReading } from '../../../../src/core/alerts.ts'
import { systemClock } from '../../../../src/core/clock.ts'
import type { MemberChange, MemberEnd } from '../../../../src/core/cluster.ts'
import { watchDisk } from '../../../../src/services/operations/alerts/watch-disk.ts'
import { watchLoad } from '../../../../src/services/operations/alerts/watch-load.ts'
import { watchMembers } from '../../../../src/services/operations/alerts/watch-members.ts'
import { collectingLogger } from '../../../support/collecting-logger.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

/** What is set, as it stands. */
function openAlarms() {
  const readings = new Map<AlertKind, AlertReading>()
  return {
    readings,
    set(kind: AlertKind, reading: AlertReading | null) {
      if (reading === null) readings.delete(kind)
      else readings.set(kind, reading)
    },
  }
}

describe('the load of the process', () => {
  function open() {
    const alarms = openAlarms()
    const load = {
      bus: { kind: 'redis', isLive: true, since: 0 },
      threads: 4,
      zombieThreads: 0,
      loopDelayP99Ms: 0,
      loopDelayMaxMs: 0,
    } as const
    const now: { -readonly [Name in keyof typeof load]: unknown } = { ...load }
    const stop = watchLoad({ alarms, clock: systemClock, load: () => now as typeof load })
    return { alarms, now, stop }
  }

  it('raises BUS_DOWN when the line was down for ten seconds, until it was up for ten', async () => {
    const { alarms, now, stop } = open()
    now.bus = { kind: 'redis', isLive: false, since: Date.now() }
    await vi.advanceTimersByTimeAsync(9_000)
    expect(alarms.readings.size).toBe(0)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(alarms.readings.get('BUS_DOWN')).toEqual({
      value: 11_000,
      limit: 10_000,
      unit: 'MILLISECONDS',
      message: 'Messages between processes (redis) have not come through for 11 s.',
    })
    now.bus = { kind: 'redis', isLive: true, since: Date.now() }
    await vi.advanceTimersByTimeAsync(9_000)
    expect(alarms.readings.get('BUS_DOWN')?.value).toBe(11_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(alarms.readings.size).toBe(0)
    stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('raises THREADS_LOST when threads have been lost for ten seconds', async () => {
    const { alarms, now, stop } = open()
    now.zombieThreads = 2
    await vi.advanceTimersByTimeAsync(10_000)
    expect(alarms.readings.size).toBe(0)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(alarms.readings.get('THREADS_LOST')).toMatchObject({ value: 2, limit: 0, unit: 'COUNT' })
    now.zombieThreads = 0
    await vi.advanceTimersByTimeAsync(11_000)
    expect(alarms.readings.size).toBe(0)
    stop()
  })

  it('raises LOOP_DELAYED when the loop is late for ten seconds in a row, until it was not for thirty', async () => {
    const { alarms, now, stop } = open()
    now.loopDelayP99Ms = 250
    now.loopDelayMaxMs = 300
    await vi.advanceTimersByTimeAsync(9_000)
    now.loopDelayP99Ms = 199
    await vi.advanceTimersByTimeAsync(1_000)
    now.loopDelayP99Ms = 250.4
    await vi.advanceTimersByTimeAsync(10_000)
    expect(alarms.readings.size).toBe(0)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(alarms.readings.get('LOOP_DELAYED')).toMatchObject({ value: 250, limit: 200, unit: 'MILLISECONDS' })
    now.loopDelayP99Ms = 3
    await vi.advanceTimersByTimeAsync(30_000)
    expect(alarms.readings.size).toBe(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(alarms.readings.size).toBe(0)
    stop()
  })

  it('raises LOOP_DELAYED for one delay that was as long', async () => {
    const { alarms, now, stop } = open()
    now.loopDelayP99Ms = 12_000
    now.loopDelayMaxMs = 12_000
    await vi.advanceTimersByTimeAsync(1_000)
    expect(alarms.readings.has('LOOP_DELAYED')).toBe(true)
    stop()
  })
})

describe('the disk', () => {
  const megabyte = 2 ** 20

  it('raises DISK_LOW by what is free, once a minute, until there is a tenth more than the least', async () => {
    const alarms = openAlarms()
    let free = 99
    const freeBytes = async () => free * megabyte
    const stop = watchDisk({ alarms, logger: collectingLogger(), freeBytes, leastBytes: 100 * megabyte })
    await vi.advanceTimersByTimeAsync(0)
    expect(alarms.readings.get('DISK_LOW')).toEqual({
      value: 99 * megabyte,
      limit: 100 * megabyte,
      unit: 'BYTES',
      message: '99 MB are free on the disk of the data folder.',
    })
    free = 105
    await vi.advanceTimersByTimeAsync(60_000)
    expect(alarms.readings.get('DISK_LOW')?.value).toBe(105 * megabyte)
    free = 111
    await vi.advanceTimersByTimeAsync(60_000)
    expect(alarms.readings.size).toBe(0)
    free = 105
    await vi.advanceTimersByTimeAsync(60_000)
    expect(alarms.readings.size).toBe(0)
    stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves it as it was while nobody knows, and says so once', async () => {
    const alarms = openAlarms()
    const logger = collectingLogger()
    const answers = [
      () => Promise.resolve(1),
      () => Promise.reject(new Error('ENOENT')),
      () => new Promise<number>(() => {}),
    ]
    let looks = 0
    const freeBytes = () => answers[Math.min(looks++, 2)]?.() ?? Promise.resolve(0)
    const stop = watchDisk({ alarms, logger, freeBytes, leastBytes: 100 })
    await vi.advanceTimersByTimeAsync(5 * 60_000)
    expect(looks).toBe(6)
    expect(alarms.readings.has('DISK_LOW')).toBe(true)
    expect(logger.lines).toEqual([
      {
        level: 'warn',
        fields: { error: 'Error: ENOENT' },
        message: 'What is free on the disk of the data folder cannot be told.',
      },
    ])
    stop()
  })

  it('is not looked at where nothing must be free', async () => {
    const freeBytes = () => Promise.reject(new Error('Nobody should look.'))
    watchDisk({ alarms: openAlarms(), logger: collectingLogger(), freeBytes, leastBytes: 0 })()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the members', () => {
  function open() {
    const alarms = openAlarms()
    const watched = watchMembers({ alarms, clock: systemClock })
    const say = (change: MemberChange, number: number, kind?: MemberEnd['kind'], signal: string | null = null) => {
      const end = { at: 1, code: signal === null ? 3 : null, signal, reason: 'password=hunter2' }
      const lastEnd = kind === undefined ? null : { ...end, kind }
      const member = { nodeId: 'n', pid: 1, state: 'READY', startedAt: 1, restarts: 0, load: null, heardAt: 1 } as const
      watched.hear({ at: Date.now(), change, reason: null, member: { ...member, number, lastEnd } })
    }
    return { alarms, watched, say }
  }

  it('raise MEMBER_FAILED when one ends without being asked to, until its successor has served for a minute', async () => {
    const { alarms, watched, say } = open()
    say('READY', 1)
    say('ENDED', 1, 'RECYCLED')
    say('ENDED', 3, 'STOPPED')
    say('ENDED', 3, 'RELOADED')
    expect(alarms.readings.size).toBe(0)
    say('ENDED', 2, 'CRASHED', 'SIGKILL')
    say('ENDED', 1, 'START_FAILED')
    // Of how they ended, not of what they said.
    expect(alarms.readings.get('MEMBER_FAILED')).toEqual({
      value: 2,
      limit: 0,
      unit: 'COUNT',
      message: 'Member 1 ended: START_FAILED, exit code 3. Member 2 ended: CRASHED, signal SIGKILL.',
    })
    say('ENDED', 2, 'CRASHED', 'SIGABRT')
    expect(alarms.readings.get('MEMBER_FAILED')?.message).toBe(
      'Member 2 ended: CRASHED, signal SIGABRT. Member 1 ended: START_FAILED, exit code 3.',
    )
    say('STARTED', 2, 'CRASHED')
    say('READY', 2, 'CRASHED')
    await vi.advanceTimersByTimeAsync(59_000)
    expect(alarms.readings.get('MEMBER_FAILED')?.value).toBe(2)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(alarms.readings.get('MEMBER_FAILED')?.value).toBe(1)
    say('READY', 1)
    await vi.advanceTimersByTimeAsync(30_000)
    say('ENDED', 1, 'SILENT', 'SIGKILL')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(alarms.readings.get('MEMBER_FAILED')?.message).toBe('Member 1 ended: SILENT, signal SIGKILL.')
    say('READY', 1)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(alarms.readings.size).toBe(0)
    watched[Symbol.dispose]()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('raise MEMBER_GIVEN_UP instead when none is started in the place any more, until one is', () => {
    const { alarms, watched, say } = open()
    say('ENDED', 2, 'CRASHED')
    say('GIVEN_UP', 2, 'CRASHED')
    expect([...alarms.readings]).toEqual([
      [
        'MEMBER_GIVEN_UP',
        { value: 1, limit: 0, unit: 'COUNT', message: 'Not started again, since it ended early too often: member 2.' },
      ],
    ])
    say('STARTED', 2, 'CRASHED')
    expect(alarms.readings.size).toBe(0)
    watched[Symbol.dispose]()
  })
})
