import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AlertMessage, AlertSender } from '../../../../src/ports/alert-sender.ts'
import { sendAlerts } from '../../../../src/services/operations/alerts/send-alerts.ts'
import { collectingLogger } from '../../../support/collecting-logger.ts'
import { alertAt, tellings } from './fixtures.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const source = () => 'https://mill.example'

/** Takes what `answer` does not throw for. */
function openSender(answer: (tries: number, signal: AbortSignal) => unknown) {
  const taken: AlertMessage[] = []
  const logger = collectingLogger()
  const seen = { tries: 0, taken, logger }
  const sender: AlertSender = {
    async send(message, signal) {
      seen.tries += 1
      await answer(seen.tries, signal)
      taken.push(message)
    },
  }
  return { ...sendAlerts({ sender, logger, source, pauseMs: () => 1_000 }), seen }
}

const down = () => Promise.reject(new Error('chat.example: It answered with the status 500.'))

describe('an alert that is sent', () => {
  it('says in one line what it is, and the figures', async () => {
    const { hear, close, seen } = openSender(() => undefined)
    const at = Date.UTC(2030, 0, 1)
    const alert = alertAt(at, { member: 2, message: 'Heap <!channel> &\n2 MB.' })
    const told = tellings(alert)
    for (const one of [told.raised, told.repeated(at + 1), told.cleared(at + 2)]) hear(one)
    await close()
    const text = (status: string) =>
      `[https://mill.example, member 2] CRITICAL HEAP_HIGH ${status}: Heap &lt;!channel&gt; &amp; 2 MB.`
    expect(seen.taken).toMatchObject([
      { status: 'raised', text: text('raised') },
      { status: 'repeated', text: text('repeated') },
      { status: 'cleared', text: text('cleared') },
    ])
    expect(seen.taken[2]).toEqual({
      text: text('cleared'),
      kind: 'HEAP_HIGH',
      severity: 'CRITICAL',
      status: 'cleared',
      message: 'Heap <!channel> &\n2 MB.',
      value: 2,
      limit: 1,
      unit: 'BYTES',
      member: 2,
      raisedAt: '2030-01-01T00:00:00.000Z',
      clearedAt: '2030-01-01T00:00:00.002Z',
      source: 'https://mill.example',
    })
  })

  it('names the primary', async () => {
    const { hear, close, seen } = openSender(() => undefined)
    hear(tellings(alertAt(0, { member: 0, kind: 'MEMBER_FAILED' })).raised)
    await close()
    expect(seen.taken[0]?.text).toBe('[https://mill.example, primary] WARNING MEMBER_FAILED raised: There are 2.')
  })

  it('is tried three times, with pauses, before the next one', async () => {
    const { hear, close, seen } = openSender((tries) => (tries < 3 ? down() : undefined))
    hear(tellings(alertAt(1)).raised)
    hear(tellings(alertAt(2)).raised)
    await vi.advanceTimersByTimeAsync(1_999)
    expect([seen.tries, seen.taken.length]).toEqual([2, 0])
    await vi.advanceTimersByTimeAsync(1)
    expect([seen.tries, seen.taken.length]).toEqual([4, 2])
    expect(seen.logger.lines).toEqual([])
    await close()
  })

  it('is given up after that, which is logged once until one gets through', async () => {
    let isDown = true
    const { hear, close, seen } = openSender(() => (isDown ? down() : undefined))
    for (const at of [1, 2, 3]) hear(tellings(alertAt(at)).raised)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(seen.tries).toBe(9)
    expect(seen.logger.lines).toEqual([
      {
        level: 'warn',
        fields: { error: 'chat.example: It answered with the status 500.' },
        message: 'Alerts do not reach ALERT_WEBHOOK_URL. This is logged once, until one does.',
      },
    ])
    isDown = false
    hear(tellings(alertAt(4)).raised)
    await vi.advanceTimersByTimeAsync(0)
    isDown = true
    hear(tellings(alertAt(5)).raised)
    await vi.advanceTimersByTimeAsync(60_000)
    expect([seen.taken.length, seen.logger.lines.length]).toEqual([1, 2])
    await close()
  })

  it('waits in a hundred at most, the newest', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { hear, close, seen } = openSender(() => promise)
    for (let at = 0; at < 150; at += 1) hear(tellings(alertAt(at)).raised)
    resolve()
    await close()
    const times = seen.taken.map(({ raisedAt }) => Date.parse(raisedAt))
    // The first was on its way.
    expect([times.length, times[0], times[1], times.at(-1)]).toEqual([101, 0, 50, 149])
  })

  it('may take two seconds at the end, and is then broken off', async () => {
    const aborted: unknown[] = []
    const { hear, close, seen } = openSender(
      (_tries, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted.push(signal.reason)
            reject(new Error('Broken off.'))
          })
        }),
    )
    hear(tellings(alertAt(1)).raised)
    hear(tellings(alertAt(2)).raised)
    let isClosed = false
    const closing = close().then(() => (isClosed = true))
    await vi.advanceTimersByTimeAsync(1_999)
    expect([isClosed, aborted.length]).toEqual([false, 0])
    await vi.advanceTimersByTimeAsync(1)
    await closing
    hear(tellings(alertAt(3)).raised)
    expect([aborted.length, seen.tries, vi.getTimerCount()]).toEqual([1, 1, 0])
  })

  it('is tried only once at the end', async () => {
    const { hear, close, seen } = openSender(down)
    hear(tellings(alertAt(1)).raised)
    await vi.advanceTimersByTimeAsync(500)
    expect(seen.tries).toBe(1)
    await close()
    expect([seen.tries, vi.getTimerCount()]).toEqual([2, 0])
  })
})
