import { describe, expect, it } from 'vitest'
import { createFigures } from '../../../src/adapters/metrics/create-figures.ts'
import { metrics } from '../../../src/core/metrics.ts'
import type { Figures } from '../../../src/ports/meter.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { eventually } from '../../support/eventually.ts'

const samplesOf = async (figures: Figures, name: string) =>
  (await figures.collect()).find((family) => family.name === name)?.samples ?? []

describe('the figures of a process', () => {
  it('count what happens, by its labels, each sample with the member', async () => {
    const figures = createFigures({ number: 3 })
    const labels = { task: 'double', state: 'QUEUED' }
    figures.count('millrace_jobs_total', labels)
    figures.count('millrace_jobs_total', { ...labels }, 2)
    figures.count('millrace_jobs_total', { state: 'FAILED', task: 'double' })
    figures.count('millrace_jobs_total', { state: 'double', task: 'QUEUED' })
    expect(await samplesOf(figures, 'millrace_jobs_total')).toEqual([
      { labels: { member: '3', task: 'double', state: 'QUEUED' }, value: 3 },
      { labels: { member: '3', task: 'double', state: 'FAILED' }, value: 1 },
      { labels: { member: '3', task: 'QUEUED', state: 'double' }, value: 1 },
    ])
  })

  it('do not change when who told them changes the labels', async () => {
    const figures = createFigures({ number: 1 })
    const labels = { transport: 'ws' }
    figures.count('millrace_stream_gaps_total', labels)
    labels.transport = 'sse'
    figures.count('millrace_stream_gaps_total', labels)
    const samples = await samplesOf(figures, 'millrace_stream_gaps_total')
    expect(samples.map(({ labels: { transport } }) => transport)).toEqual(['ws', 'sse'])
  })

  it('put lengths of time into the first bucket whose bound is not below', async () => {
    const figures = createFigures({ number: 1 })
    const bounds = metrics.millrace_store_seconds.buckets
    for (const seconds of [0, 0.001, 0.0011, 10, 10.1]) {
      figures.observe('millrace_store_seconds', { kind: 'read' }, seconds)
    }
    const counts = [2, 1, ...bounds.slice(2, -1).map(() => 0), 1, 1]
    const [sample] = await samplesOf(figures, 'millrace_store_seconds')
    expect(sample).toEqual({ labels: { member: '1', kind: 'read' }, counts, sum: expect.closeTo(20.1021, 9) })
  })

  it('are those alone that somebody told', async () => {
    const figures = createFigures({ number: 1 })
    expect(await figures.collect()).toEqual([])
    figures.addSource(() => ({ millrace_connections: [{ labels: {}, value: 1 }], millrace_streams: [] }))
    figures.observe('millrace_stream_lag_seconds', {}, 1)
    figures.count('millrace_alerts_total', { kind: 'DISK_LOW' })
    const names = (await figures.collect()).map(({ name }) => name)
    expect(names.toSorted()).toEqual(['millrace_alerts_total', 'millrace_connections', 'millrace_stream_lag_seconds'])
  })

  it('leave out what has too many sets of labels, count on what they have, and say so once', async () => {
    const logger = collectingLogger()
    const figures = createFigures({ number: 1, logger, maxLabelSets: 3 })
    for (let n = 0; n < 10; n += 1) {
      figures.count('millrace_jobs_total', { task: `t${n}`, state: 'QUEUED' })
      figures.observe('millrace_job_run_seconds', { task: `t${n}` }, 1)
    }
    figures.count('millrace_jobs_total', { task: 't0', state: 'QUEUED' })
    const counted = await samplesOf(figures, 'millrace_jobs_total')
    expect(counted.map((sample) => [sample.labels['task'], 'value' in sample && sample.value])).toEqual([
      ['t0', 2],
      ['t1', 1],
      ['t2', 1],
    ])
    expect(await samplesOf(figures, 'millrace_job_run_seconds')).toHaveLength(3)
    expect(logger.lines).toMatchObject([
      { level: 'error', fields: { figure: 'millrace_jobs_total' } },
      { level: 'error', fields: { figure: 'millrace_job_run_seconds' } },
    ])
  })

  it('leave out what is no number, and what would make a counter fall', async () => {
    const logger = collectingLogger()
    const figures = createFigures({ number: 1, logger })
    for (const by of [Number.NaN, -1, Infinity]) figures.count('millrace_stream_gaps_total', { transport: 'ws' }, by)
    for (const seconds of [Number.NaN, Infinity]) figures.observe('millrace_stream_lag_seconds', {}, seconds)
    expect(await samplesOf(figures, 'millrace_stream_gaps_total')).toEqual([])
    expect(await samplesOf(figures, 'millrace_stream_lag_seconds')).toEqual([])
    expect(logger.lines).toHaveLength(2)
  })

  it('are read of their sources whenever somebody asks, until these are stopped', async () => {
    const figures = createFigures({ number: 1 })
    let connections = 1
    const stop = figures.addSource(() => ({ millrace_connections: [{ labels: {}, value: connections }] }))
    figures.addSource(async () => ({ millrace_streams: [{ labels: { transport: 'ws' }, value: 7 }] }))
    expect(await samplesOf(figures, 'millrace_connections')).toEqual([{ labels: { member: '1' }, value: 1 }])
    connections = 2
    expect(await samplesOf(figures, 'millrace_connections')).toEqual([{ labels: { member: '1' }, value: 2 }])
    stop()
    expect(await samplesOf(figures, 'millrace_connections')).toEqual([])
    expect(await samplesOf(figures, 'millrace_streams')).toHaveLength(1)
  })

  it('lack those alone whose source fails or takes too long, which is not asked again while it hangs', async () => {
    const logger = collectingLogger()
    const figures = createFigures({ number: 1, logger, sourceMs: 20 })
    const { promise: gate, resolve } = Promise.withResolvers<void>()
    let asked = 0
    figures.addSource(() => {
      throw new Error('at once')
    })
    figures.addSource(() => Promise.reject(new Error('later')))
    figures.addSource(async () => {
      asked += 1
      await gate
      return { millrace_connections: [{ labels: {}, value: asked }] }
    })
    figures.addSource(() => ({ millrace_maintenance: [{ labels: {}, value: 1 }] }))
    for (let n = 0; n < 3; n += 1) {
      expect(await samplesOf(figures, 'millrace_maintenance')).toHaveLength(1)
      expect(await samplesOf(figures, 'millrace_connections')).toEqual([])
    }
    expect(asked).toBe(1)
    expect(logger.lines.map(({ fields }) => JSON.stringify(fields)).join()).toContain('Error: later')
    resolve()
    await eventually(async () => (await samplesOf(figures, 'millrace_connections')).length === 1)
    expect(await samplesOf(figures, 'millrace_connections')).toEqual([{ labels: { member: '1' }, value: 2 }])
  })
})
