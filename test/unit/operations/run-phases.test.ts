import { describe, expect, it } from 'vitest'
import { type Phase, runPhases } from '../../../src/services/operations/run-phases.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { eventually } from '../../support/eventually.ts'

const stillOpen = () => ({ streams: 3 })

describe('phases of a shutdown', () => {
  it('run one after the other, with a line for each', async () => {
    const ran: string[] = []
    const logger = collectingLogger()
    let nowMs = 0
    const phase = (name: string): Phase => ({
      name,
      deadlineMs: 1_000,
      async run() {
        ran.push(`${name} begins`)
        await Promise.resolve()
        nowMs += 7
        ran.push(`${name} ends`)
      },
    })
    await runPhases([phase('drain'), phase('close')], { logger, stillOpen, monotonicMs: () => nowMs })
    expect(ran).toEqual(['drain begins', 'drain ends', 'close begins', 'close ends'])
    expect(logger.lines).toEqual(
      ['drain', 'close'].map((name) => ({
        level: 'info',
        fields: { phase: name, ms: 7 },
        message: 'A phase of the shutdown is over.',
      })),
    )
  })

  it('give way to the next one at their deadline, and the log says what is open', async () => {
    const logger = collectingLogger()
    const hanging = Promise.withResolvers<void>()
    let isClosed = false
    await runPhases(
      [
        { name: 'drain', deadlineMs: 5, run: () => hanging.promise },
        { name: 'close', deadlineMs: 1_000, run: async () => void (isClosed = true) },
      ],
      { logger, stillOpen },
    )
    expect(isClosed).toBe(true)
    expect(logger.lines[0]).toMatchObject({ level: 'warn', fields: { phase: 'drain', streams: 3 } })
    hanging.reject(new Error('too late'))
    await eventually(() => logger.lines.some(({ level }) => level === 'error'))
    expect(logger.lines.at(-1)).toMatchObject({ fields: { phase: 'drain', err: { message: 'too late' } } })
  })

  it('run all of them where some fail, each of which the log has, and fail then with what the first said', async () => {
    const ran: string[] = []
    const logger = collectingLogger()
    const failing = (name: string): Phase => ({
      name,
      deadlineMs: 1_000,
      run: () => Promise.reject(new Error(`no ${name}`)),
    })
    const close: Phase = { name: 'close', deadlineMs: 1_000, run: async () => void ran.push('close') }
    const phases = [failing('drain'), failing('members'), close]
    await expect(runPhases(phases, { logger, stillOpen })).rejects.toThrow('no drain')
    expect(ran).toEqual(['close'])
    const failed = (phase: string) => ({
      level: 'error',
      fields: { phase, err: { message: `no ${phase}` } },
      message: 'A phase of the shutdown failed.',
    })
    expect(logger.lines).toMatchObject([
      failed('drain'),
      failed('members'),
      { level: 'info', message: 'A phase of the shutdown is over.' },
    ])
  })
})
