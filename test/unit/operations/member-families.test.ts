import { describe, expect, it } from 'vitest'
import { metricsMediaType, renderMetrics } from '../../../src/adapters/metrics/render-metrics.ts'
import { createFigures } from '../../../src/adapters/metrics/create-figures.ts'
import { metricNames, metrics } from '../../../src/core/metrics.ts'
import type { MemberAnswer } from '../../../src/ports/members.ts'
import { collectFigures } from '../../../src/services/operations/figures/collect-figures.ts'
import { readFamilies } from '../../../src/services/operations/figures/read-families.ts'
import { parseExposition } from '../../support/parse-exposition.ts'

const answering = (...answers: MemberAnswer[]) => ({ askAll: async () => answers })
const family = (name: string, ...samples: unknown[]) => [{ name, samples }]
const bounds = metrics.millrace_store_seconds.buckets

/** The figures of a process that was told of something, as they come over a line. */
async function toldBy(number: number): Promise<MemberAnswer> {
  const figures = createFigures({ number })
  figures.count('millrace_jobs_total', { task: 'double', state: 'QUEUED' }, number)
  figures.observe('millrace_store_seconds', { kind: 'read' }, 0.002)
  figures.addSource(() => ({ millrace_connections: [{ labels: {}, value: number * 10 }] }))
  return { number, answer: JSON.parse(JSON.stringify(await figures.collect())) }
}

describe('the figures of all processes', () => {
  it('are one family for each figure, in the order of the table, with the samples of all', async () => {
    const all = await collectFigures(answering(await toldBy(1), await toldBy(2)))
    const names = all.map(({ name }) => name)
    expect(names).toEqual(metricNames.filter((name) => names.includes(name)))
    expect(all).toEqual([
      {
        name: 'millrace_jobs_total',
        samples: [1, 2].map((n) => ({ labels: { member: `${n}`, task: 'double', state: 'QUEUED' }, value: n })),
      },
      {
        name: 'millrace_connections',
        samples: [1, 2].map((n) => ({ labels: { member: `${n}` }, value: n * 10 })),
      },
      {
        name: 'millrace_store_seconds',
        samples: [1, 2].map((n) => ({
          labels: { member: `${n}`, kind: 'read' },
          counts: [0, 1, ...bounds.slice(1).map(() => 0)],
          sum: 0.002,
        })),
      },
    ])
  })

  it('leave out who did not answer', async () => {
    const all = await collectFigures(answering({ number: 0, answer: null }, await toldBy(2)))
    expect(new Set(all.flatMap(({ samples }) => samples.map(({ labels }) => labels['member'])))).toEqual(new Set(['2']))
  })
})

describe('what a process answers', () => {
  const job = { task: 'double', state: 'QUEUED' }

  it.each<[string, unknown]>([
    ['no list', { name: 'millrace_connections' }],
    ['a text', 'millrace_connections 1'],
    ['entries that are no families', [null, 1, [], 'x', { samples: [] }]],
    ['figures that are not in the table', family('evil_total', { labels: {}, value: 1 })],
    ['what every object has', family('constructor', { labels: {}, value: 1 })],
    ['samples that are no list', [{ name: 'millrace_connections', samples: { labels: {}, value: 1 } }]],
  ])('is left out where it is %s', (_what, answer) => {
    expect(readFamilies(answer, 1)).toEqual([])
  })

  it.each<[string, string, unknown]>([
    ['a value that is no number', 'millrace_connections', { labels: {}, value: '1' }],
    ['a value without an end', 'millrace_connections', { labels: {}, value: null }],
    ['no labels', 'millrace_connections', { value: 1 }],
    ['a label too few', 'millrace_jobs_total', { labels: { task: 'double' }, value: 1 }],
    ['a label that is no text', 'millrace_jobs_total', { labels: { ...job, task: 1 }, value: 1 }],
    ['a label that is too long', 'millrace_jobs_total', { labels: { ...job, task: 'x'.repeat(201) }, value: 1 }],
    ['a value where buckets should be', 'millrace_store_seconds', { labels: { kind: 'read' }, value: 1 }],
    ['buckets where a value should be', 'millrace_connections', { labels: {}, counts: [1], sum: 1 }],
    ['too few buckets', 'millrace_store_seconds', { labels: { kind: 'read' }, counts: [1], sum: 1 }],
    [
      'a bucket below 0',
      'millrace_store_seconds',
      { labels: { kind: 'read' }, counts: bounds.map(() => -1).concat(0), sum: 1 },
    ],
    ['no sample', 'millrace_connections', null],
  ])('lacks a sample with %s', (_what, name, sample) => {
    expect(readFamilies(family(name, sample), 1)).toEqual([{ name, samples: [] }])
  })

  it('has the number of who answered, no labels besides those of the table, and each set of labels once', () => {
    const samples = [
      { labels: { ...job, member: '7', more: 'x' }, value: 1, more: 'x' },
      { labels: job, value: 2 },
    ]
    expect(readFamilies(family('millrace_jobs_total', ...samples), 4)).toEqual([
      { name: 'millrace_jobs_total', samples: [{ labels: { member: '4', ...job }, value: 1 }] },
    ])
  })
})

describe('the text', () => {
  it('is that of Prometheus, with every family of the table once', async () => {
    expect(metricsMediaType).toBe('text/plain; version=0.0.4; charset=utf-8')
    const answers = [await toldBy(1), await toldBy(2)]
    const exposed = parseExposition(await renderMetrics(await collectFigures(answering(...answers))))
    expect([...exposed.keys()]).toEqual(['millrace_jobs_total', 'millrace_connections', 'millrace_store_seconds'])
    for (const { name, help, type } of exposed.values()) {
      expect(metrics).toMatchObject({ [name]: { help, type } })
    }
    const buckets = exposed.get('millrace_store_seconds')?.samples.filter(({ labels }) => labels['member'] === '2')
    expect(buckets).toHaveLength(bounds.length + 3)
    expect(buckets?.find(({ labels }) => labels['le'] === '0.0025')?.value).toBe(1)
    expect(buckets?.find(({ labels }) => labels['le'] === '0.001')?.value).toBe(0)
    expect(buckets?.at(-1)).toMatchObject({ name: 'millrace_store_seconds_count', value: 1 })
  })

  it('keeps what labels hold', async () => {
    const odd = 'a "quoted" \\ back\\n slash\nand a line, {braces} = £ 漢'
    const figures = createFigures({ number: 1 })
    figures.count('millrace_jobs_total', { task: odd, state: '' })
    figures.observe('millrace_job_run_seconds', { task: odd }, 1e-9)
    figures.addSource(() => ({ process_start_time_seconds: [{ labels: {}, value: 1e21 }] }))
    const exposed = parseExposition(await renderMetrics(await figures.collect()))
    expect(exposed.get('millrace_jobs_total')?.samples).toEqual([
      { name: 'millrace_jobs_total', labels: { member: '1', task: odd, state: '' }, value: 1 },
    ])
    expect(exposed.get('millrace_job_run_seconds')?.samples.every(({ labels }) => labels['task'] === odd)).toBe(true)
    expect(exposed.get('process_start_time_seconds')?.samples[0]?.value).toBe(1e21)
  })

  it.each<[string, string, string]>([
    ['a value that is none', '# HELP a x\n# TYPE a counter\na Nan\n', 'Not a sample'],
    ['a family that comes twice', '# HELP a x\n# TYPE a gauge\na 1\n# HELP a x\n# TYPE a gauge\n', 'Not the beginning'],
    ['a sample of another family', '# HELP a x\n# TYPE a gauge\nb 1\n', 'Not of the family'],
    [
      'a sample that comes twice',
      '# HELP a x\n# TYPE a gauge\na{x="1",y="2"} 1\na{y="2",x="1"} 1\n',
      'It came before: a{y="2",x="1"} 1',
    ],
    ['a quote that is not escaped', '# HELP a x\n# TYPE a gauge\na{x="1"2"} 1\n', 'Not a sample'],
    [
      'a histogram without a sum',
      '# HELP a x\n# TYPE a histogram\na_bucket{le="+Inf"} 1\na_count 1\n',
      'Not a histogram: a',
    ],
    [
      'buckets that fall',
      '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
      'Not a histogram: a',
    ],
  ])('is not what the tests would take with %s', (_what, text, message) => {
    expect(() => parseExposition(text)).toThrow(message)
  })
})
