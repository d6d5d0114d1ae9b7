import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Progress } from '../../../../src/core/job.ts'
import { createProgressReporter, progressIntervalMs } from '../../../../src/workers/thread/progress-reporter.ts'

function openReporter() {
  const sent: Progress[] = []
  let time = 0
  const reporter = createProgressReporter(
    (progress) => void sent.push(progress),
    () => time,
  )
  return { reporter, sent, pass: (ms: number) => void (time += ms) }
}

describe('progress', () => {
  it('is sent at once, then not again before 100 ms are over', () => {
    const { reporter, sent, pass } = openReporter()
    reporter.report(0.1)
    for (let step = 0; step < 50; step += 1) {
      pass(10)
      reporter.report(0.1 + step / 100, `step ${step}`)
    }
    reporter.close()
    expect(sent.map(({ message }) => message)).toEqual([null, 'step 9', 'step 19', 'step 29', 'step 39', 'step 49'])
  })

  it('comes with its last value when it is flushed, and not twice', () => {
    const { reporter, sent } = openReporter()
    for (const fraction of [0.1, 0.2, 0.3]) reporter.report(fraction)
    reporter.flush()
    reporter.flush()
    expect(sent.map(({ fraction }) => fraction)).toEqual([0.1, 0.3])
  })

  it('comes by itself when a task that awaits says nothing more', async () => {
    const { reporter, sent } = openReporter()
    reporter.report(0.1)
    reporter.report(0.2)
    await setTimeout(progressIntervalMs + 50)
    expect(sent.map(({ fraction }) => fraction)).toEqual([0.1, 0.2])
  })

  it('lies between 0 and 1, and stays where it was for what is no number', () => {
    const { reporter, sent, pass } = openReporter()
    for (const fraction of [-1, 0.5, Number.NaN, Infinity, 7]) {
      reporter.report(fraction)
      pass(progressIntervalMs)
    }
    expect(sent.map(({ fraction }) => fraction)).toEqual([0, 0.5, 0.5, 0.5, 1])
  })

  it('has a message that is a text of bounded length', () => {
    const { reporter, sent, pass } = openReporter()
    for (const message of ['x'.repeat(2_000), { rows: 3 }, Object.create(null)]) {
      reporter.report(0, message)
      pass(progressIntervalMs)
    }
    expect(sent.map(({ message }) => message)).toEqual([
      `${'x'.repeat(999)}…`,
      '{ rows: 3 }',
      '[Object: null prototype] {}',
    ])
  })

  it('is silent once it is closed', () => {
    const { reporter, sent, pass } = openReporter()
    reporter.report(0.1)
    reporter.report(0.2)
    reporter.close()
    reporter.flush()
    pass(1_000)
    reporter.report(0.3)
    expect(sent).toHaveLength(1)
  })
})
