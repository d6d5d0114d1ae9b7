import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../../scripts/run-command.ts'
import { alertKinds } from '../../src/core/alerts.ts'
import { memberStates } from '../../src/core/cluster.ts'
import { errorCodes } from '../../src/core/errors.ts'
import { jobStates } from '../../src/core/job.ts'
import { type MetricName, metricNames, metrics } from '../../src/core/metrics.ts'
import { auditEvents } from '../../src/ports/accounts/audit-log.ts'
import { loadSensors, workClasses } from '../../src/core/shedding.ts'

const read = (path: string) => readFileSync(join(projectRoot, path), 'utf8')

/** Labels that Prometheus adds, and figures that it tells of itself. */
const ofPrometheus = { labels: ['job', 'instance'], figures: ['up'] }

/** What a label may be asked for, by figure; of others any text. Where a list of the source has the values, it is that one. */
const values: Readonly<Record<string, readonly string[]>> = {
  'millrace_account_events_total event': auditEvents,
  'millrace_alert_active kind': Object.keys(alertKinds),
  'millrace_members state': memberStates,
  'millrace_member_ends_total kind': ['CRASHED', 'SILENT', 'RECYCLED', 'RELOADED', 'START_FAILED', 'STOPPED'],
  'millrace_operations_total code': ['OK', ...Object.keys(errorCodes)],
  'millrace_operations_total kind': ['query', 'mutation', 'subscription'],
  'millrace_operation_duration_seconds kind': ['query', 'mutation', 'subscription'],
  'millrace_jobs_total state': jobStates,
  'millrace_shed_total class': workClasses,
  'millrace_shed_total reason': loadSensors,
  'millrace_threads state': ['busy', 'idle', 'zombie'],
  'millrace_stream_opens_total status': ['fresh', 'recovered', 'snapshot'],
}

/** A figure as an expression names it, with what it asks of its labels. */
interface Asked {
  readonly figure: string
  readonly matchers: readonly (readonly [label: string, values: readonly string[]])[]
}

function askedBy(expression: string): readonly Asked[] {
  const names = /\b((?:millrace|process|nodejs)_\w+|up)\b(?:\{([^}]*)\})?/g
  return [...expression.matchAll(names)].map(([, figure = '', inner = '']) => ({
    figure,
    matchers: [...inner.matchAll(/(\w+)(?:=~|!~|!=|=)"([^"]*)"/g)].map(([, label = '', text = '']) => [
      label,
      text.split('|'),
    ]),
  }))
}

/** The figure of the table that a series belongs to; `null` where there is none. */
function figureOf(series: string): MetricName | null {
  return (
    metricNames.find((name) => {
      const suffixes = metrics[name].type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
      return suffixes.some((suffix) => series === name + suffix)
    }) ?? null
  )
}

/** What an expression names that there is not. */
function faultsOf(expression: string): readonly string[] {
  const asked = askedBy(expression)
  if (asked.length === 0) return ['It asks for no figure.']
  const known = [...ofPrometheus.labels, ...asked.flatMap(labelsOf)]
  const grouping = [...expression.matchAll(/\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g)]
  const grouped = grouping.flatMap(([, list = '']) => list.split(',').map((part) => part.trim()))
  return [
    ...asked.flatMap(faultsOfOne),
    ...grouped.filter((label) => !known.includes(label)).map((label) => `No figure of it has the label ${label}.`),
  ]
}

function faultsOfOne({ figure: series, matchers }: Asked): readonly string[] {
  const figure = figureOf(series)
  if (figure === null && !ofPrometheus.figures.includes(series)) return [`There is no figure ${series}.`]
  const own = [...ofPrometheus.labels, ...labelsOf({ figure: series, matchers })]
  return matchers.flatMap(([label, texts]) => {
    if (!own.includes(label)) return [`${series} has no label ${label}.`]
    const allowed = values[`${figure} ${label}`] ?? texts
    return texts.filter((text) => !allowed.includes(text)).map((text) => `${label} of ${series} is never ${text}.`)
  })
}

/** The labels of a series but for those of Prometheus. */
function labelsOf({ figure: series }: Asked): readonly string[] {
  const figure = figureOf(series)
  if (figure === null) return []
  return ['member', ...metrics[figure].labels, ...(series.endsWith('_bucket') ? ['le'] : [])]
}

interface Rule {
  readonly name: string
  readonly text: string
  readonly expression: string
}

function rulesOf(text: string): readonly Rule[] {
  const [, ...parts] = text.split(/^ +- alert: /m)
  return parts.map((part) => ({
    name: part.slice(0, part.indexOf('\n')),
    text: part,
    expression: /^ +expr: (.+)$/m.exec(part)?.[1] ?? '',
  }))
}

describe('the rules for Prometheus', () => {
  const rules = rulesOf(read('ops/prometheus/alerts.yml'))

  it('ask for figures, labels and values that there are', () => {
    expect(rules.length).toBeGreaterThan(15)
    expect(rules.flatMap(({ name, expression }) => faultsOf(expression).map((fault) => `${name}: ${fault}`))).toEqual(
      [],
    )
  })

  it('have names of their own, a severity, and sentences that name labels which the expression leaves', () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length)
    for (const { name, text, expression } of rules) {
      expect(name).toMatch(/^Millrace[A-Z]\w+$/)
      expect(text).toMatch(/severity: (warning|critical)\b/)
      expect(text).toMatch(/^ +summary: \S/m)
      expect(text).toMatch(/^ +description: \S.*\.'?$/m)
      const grouped = /\b(?:sum|max|min|count) by \(([^)]*)\)/.exec(expression)?.[1]?.split(', ')
      const left = (grouped ?? [...ofPrometheus.labels, ...askedBy(expression).flatMap(labelsOf)]).filter(
        (label) => label !== 'le',
      )
      for (const [, label = ''] of text.matchAll(/\$labels\.(\w+)/g))
        expect([name, left]).toEqual([name, expect.arrayContaining([label])])
    }
  })

  it('are about each thing that a server can suffer from', () => {
    const all = rules.map(({ expression }) => expression).join('\n')
    const wanted: readonly MetricName[] = [
      'millrace_members',
      'millrace_operations_total',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_heap_size_used_bytes',
      'nodejs_heap_after_gc_bytes',
      'millrace_queue_age_seconds',
      'millrace_shed_total',
      'millrace_stream_gaps_total',
      'millrace_threads',
      'millrace_bus_live',
      'millrace_disk_free_bytes',
      'millrace_alert_active',
    ]
    for (const name of wanted) expect(all).toContain(name)
  })
})

describe('the dashboard for Grafana', () => {
  it('asks for figures, labels and values that there are', () => {
    const expressions = [...read('ops/grafana/millrace.json').matchAll(/"expr": ("(?:[^"\\]|\\.)*")/g)].map(
      ([, text = '""']): string => String(JSON.parse(text)),
    )
    expect(expressions.length).toBeGreaterThan(20)
    expect(expressions.flatMap((expression) => faultsOf(expression).map((fault) => `${expression}: ${fault}`))).toEqual(
      [],
    )
  })
})

describe('the files of ops', () => {
  it('are those that are read here', () => {
    expect(globSync('ops/**/*.*', { cwd: projectRoot }).toSorted()).toEqual([
      'ops/grafana/millrace.json',
      'ops/prometheus/alerts.yml',
      'ops/prometheus/prometheus.yml',
    ])
    expect(read('ops/prometheus/prometheus.yml')).toContain('- alerts.yml')
  })
})

describe('what reads expressions', () => {
  it.each<[string, string]>([
    ['up{job="millrace"} == 0', ''],
    ['millrace_nothing_total > 0', 'There is no figure millrace_nothing_total.'],
    ['rate(millrace_store_seconds[5m])', 'There is no figure millrace_store_seconds.'],
    ['millrace_jobs_total_sum', 'There is no figure millrace_jobs_total_sum.'],
    ['millrace_threads{kind="busy"}', 'millrace_threads has no label kind.'],
    ['millrace_threads{state="lost"}', 'state of millrace_threads is never lost.'],
    ['millrace_members{state=~"READY|GONE"}', 'state of millrace_members is never GONE.'],
    ['sum by (job, task) (millrace_threads)', 'No figure of it has the label task.'],
    ['vector(1)', 'It asks for no figure.'],
  ])('finds the fault of %s', (expression, fault) => {
    expect(faultsOf(expression).join()).toBe(fault)
  })
})
