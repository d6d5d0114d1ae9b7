/** What a figure is: one that only grows, one that is as it is when it is read, or many that are counted by size. */
interface MetricDescription {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** Each takes few values: those of a table, of the schema, or of the loaded tasks. */
  readonly labels: readonly string[]
  /** Of a histogram: up to which value each bucket goes. */
  readonly buckets?: readonly number[]
}

/** From a look-up to a job of an hour, in seconds. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600]
const upTo10Seconds = seconds.filter((bound) => bound <= 10)

/**
 * Every figure that `/metrics` gives, with times in seconds and sizes in bytes. Figures of a process as such have the names that
 * dashboards for Node know. Each sample has the label `member` besides: the place of the process that it is of, counted
 * from 1, and 0 for the primary. Printed into `docs/operations.md`.
 */
export const metrics = {
  millrace_operations_total: {
    type: 'counter',
    help: 'GraphQL operations that were answered, by the root field, the transport and the code of the first error or refusal (OK without one).',
    labels: ['kind', 'field', 'transport', 'code'],
  },
  millrace_operation_duration_seconds: {
    type: 'histogram',
    help: 'How long GraphQL operations took, from being read to their answer; of subscriptions, to the opening of the stream.',
    labels: ['kind', 'field'],
    buckets: upTo10Seconds,
  },
  millrace_http_responses_total: {
    type: 'counter',
    help: 'Answers over HTTP by the path of the routing table (other: none of them) and the status.',
    labels: ['route', 'status'],
  },
  millrace_shed_total: {
    type: 'counter',
    help: 'What was refused with OVERLOADED to keep the rest fast, by class and by the sensor that was over its limit.',
    labels: ['class', 'reason'],
  },
  millrace_shedding_pressure: {
    type: 'gauge',
    help: 'How hard load is shed, 0 (nothing is refused) to 1 (all that can be is).',
    labels: [],
  },
  millrace_jobs_total: {
    type: 'counter',
    help: 'How often jobs came into a state, by task.',
    labels: ['task', 'state'],
  },
  millrace_job_wait_seconds: {
    type: 'histogram',
    help: 'How long jobs were due until an attempt of theirs was begun.',
    labels: ['task'],
    buckets: seconds,
  },
  millrace_job_run_seconds: {
    type: 'histogram',
    help: 'How long attempts ran, however they ended.',
    labels: ['task'],
    buckets: seconds,
  },
  millrace_jobs_queued: {
    type: 'gauge',
    help: 'Jobs that are due and wait for a thread, of all nodes: each member tells the same, so take the maximum, not the sum.',
    labels: [],
  },
  millrace_queue_age_seconds: {
    type: 'gauge',
    help: 'For how long the oldest job that is queued has been due, whatever it waits for: a thread, the limit of its task, a process that has its task. Of all nodes, as each member tells it (take the maximum); 0 where none is queued. Load is not shed by it.',
    labels: [],
  },
  millrace_threads: {
    type: 'gauge',
    help: 'Threads for tasks by state: busy, idle, or zombie (ended, and held by native code).',
    labels: ['state'],
  },
  millrace_thread_heap_used_bytes: {
    type: 'gauge',
    help: 'The JavaScript heaps of the threads for tasks, together.',
    labels: [],
  },
  millrace_streams: {
    type: 'gauge',
    help: 'Open streams by transport, waiting polls among them.',
    labels: ['transport'],
  },
  millrace_connections: { type: 'gauge', help: 'Open sockets of clients.', labels: [] },
  millrace_stream_opens_total: {
    type: 'counter',
    help: 'Streams that were opened, by transport and by how they came to be: fresh, recovered (resumed without a loss) or snapshot (a gap, told as such).',
    labels: ['transport', 'status'],
  },
  millrace_stream_gaps_total: {
    type: 'counter',
    help: 'Gaps that were told to subscribers, when they came back or in mid-stream.',
    labels: ['transport'],
  },
  millrace_stream_deliveries_total: {
    type: 'counter',
    help: 'Frames that were handed to subscribers, by transport.',
    labels: ['transport'],
  },
  millrace_stream_lag_seconds: {
    type: 'histogram',
    help: 'From the commit of an event, by the clock of who wrote it, to the execution of its first frame in this process, of live events.',
    labels: [],
    buckets: upTo10Seconds,
  },
  millrace_account_events_total: {
    type: 'counter',
    help: 'What happened to accounts, sign-ins among it, by the event of the audit log and its outcome.',
    labels: ['event', 'outcome'],
  },
  millrace_store_seconds: {
    type: 'histogram',
    help: 'How long reads and writes of the record took, from being asked for.',
    labels: ['kind'],
    buckets: upTo10Seconds,
  },
  millrace_bus_live: {
    type: 'gauge',
    help: '1 while messages between processes come through, by what they travel over.',
    labels: ['kind'],
  },
  millrace_disk_free_bytes: {
    type: 'gauge',
    help: 'What is free on the disk of the data folder, as each member sees it (take the minimum).',
    labels: [],
  },
  millrace_alerts_total: {
    type: 'counter',
    help: 'Alerts that were raised, each time that they were told.',
    labels: ['kind'],
  },
  millrace_alert_active: {
    type: 'gauge',
    help: '1 while an alert of the kind is raised by the process.',
    labels: ['kind'],
  },
  millrace_maintenance: { type: 'gauge', help: '1 during maintenance.', labels: [] },
  millrace_members: { type: 'gauge', help: 'Members of the cluster by state; of the primary.', labels: ['state'] },
  millrace_member_ends_total: {
    type: 'counter',
    help: 'How often members came to their ends, by how; of the primary.',
    labels: ['kind'],
  },
  millrace_build_info: { type: 'gauge', help: 'Always 1: the versions.', labels: ['version', 'node'] },
  process_start_time_seconds: { type: 'gauge', help: 'When the process started, in seconds since 1970.', labels: [] },
  process_cpu_seconds_total: { type: 'counter', help: 'CPU time of all threads of the process.', labels: [] },
  process_resident_memory_bytes: {
    type: 'gauge',
    help: 'The memory that the system has given the process.',
    labels: [],
  },
  nodejs_heap_size_used_bytes: { type: 'gauge', help: 'What of the heap of the main thread is in use.', labels: [] },
  nodejs_heap_size_total_bytes: { type: 'gauge', help: 'The size of the heap of the main thread.', labels: [] },
  nodejs_heap_size_limit_bytes: {
    type: 'gauge',
    help: 'How large the heap of the main thread may become.',
    labels: [],
  },
  nodejs_heap_after_gc_bytes: {
    type: 'gauge',
    help: 'What of the heap was in use after the last full garbage collection: what is really held.',
    labels: [],
  },
  nodejs_external_memory_bytes: {
    type: 'gauge',
    help: 'Memory outside of the heap that belongs to objects in it, array buffers among it.',
    labels: [],
  },
  nodejs_heap_space_size_used_bytes: {
    type: 'gauge',
    help: 'What is in use of each space of the heap.',
    labels: ['space'],
  },
  nodejs_eventloop_lag_p50_seconds: {
    type: 'gauge',
    help: 'How late the event loop was in the last second: the median.',
    labels: [],
  },
  nodejs_eventloop_lag_p99_seconds: {
    type: 'gauge',
    help: 'How late the event loop was in the last second: 99 in 100 times at most so much.',
    labels: [],
  },
  nodejs_eventloop_lag_max_seconds: {
    type: 'gauge',
    help: 'How late the event loop was in the last second: the worst case.',
    labels: [],
  },
  nodejs_eventloop_utilization: {
    type: 'gauge',
    help: 'Which part of the last second the event loop was busy, 0 to 1.',
    labels: [],
  },
  nodejs_active_resources: { type: 'gauge', help: 'What keeps the event loop alive, by type.', labels: ['type'] },
  nodejs_gc_duration_seconds: {
    type: 'histogram',
    help: 'Pauses for garbage collection by kind: minor, major, incremental or weakcb.',
    labels: ['kind'],
    buckets: [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  },
} as const satisfies Record<string, MetricDescription>

type Metrics = typeof metrics

export type MetricName = keyof Metrics

/** The names in the order of the table, which has no others. */
export const metricNames = Object.keys(metrics) as readonly MetricName[]

type NameOf<Type extends MetricDescription['type']> = {
  [Name in MetricName]: Metrics[Name]['type'] extends Type ? Name : never
}[MetricName]

export type CounterName = NameOf<'counter'>
export type GaugeName = NameOf<'gauge'>
export type HistogramName = NameOf<'histogram'>

/** A value for each label of a figure. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<Metrics[Name]['labels'][number], string>>

/** A figure as it is when it is read. */
export interface Reading<Name extends MetricName> {
  readonly labels: LabelsOf<Name>
  readonly value: number
}

/** Figures that are read, not counted while things happen: gauges, and counters that somebody else counts. */
export type Readings = { readonly [Name in GaugeName | CounterName]?: readonly Reading<Name>[] }

/** A figure with its samples, as one process tells it to another. */
export interface MetricFamily {
  readonly name: MetricName
  readonly samples: readonly MetricSample[]
}

/** A counter or gauge, or what was observed, with certain labels. */
export type MetricSample = PlainSample | HistogramSample

export interface PlainSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface HistogramSample {
  readonly labels: Readonly<Record<string, string>>
  /** How many are over the bound of the bucket before and at most at that of this one; over all bounds at the end. */
  readonly counts: readonly number[]
  readonly sum: number
}
