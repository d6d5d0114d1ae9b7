import { createRecordedDistribution } from '../../src/core/recorded-distribution.ts'
import {
  type AttemptListener,
  type AttemptOutcome,
  type AttemptRequest,
  type ComputePool,
  type PoolStatistics,
  type TaskDescription,
  ThreadHeapError,
} from '../../src/ports/compute-pool.ts'

/** An outcome with the output as a value. The script may leave its CPU time out: it is then 0. */
export type ScriptedOutcome = Partial<Pick<AttemptOutcome, 'cpuMs'>> &
  (
    | { readonly type: 'succeeded'; readonly output: unknown }
    | DistributiveOmit<Exclude<AttemptOutcome, { type: 'succeeded' }>, 'cpuMs'>
  )

type DistributiveOmit<Each, Key extends keyof Each> = Each extends unknown ? Omit<Each, Key> : never

/** What a task does, without a thread. The signal is the one that would stop the thread. */
export type Script = (
  request: AttemptRequest,
  listener: AttemptListener,
  signal: AbortSignal,
) => ScriptedOutcome | Promise<ScriptedOutcome>

export interface FakePool extends ComputePool {
  /** Every attempt that was ever given to it, in order. */
  readonly requests: readonly AttemptRequest[]
  /** The most attempts that were ever under way at once. */
  readonly busiest: number
}

export const done: ScriptedOutcome = { type: 'succeeded', output: { done: true } }

/** A `ComputePool` that plays a script per task and keeps the port's promises about aborts and late reports. */
export function fakePool(scripts: Readonly<Record<string, Script>>, threads = 2): FakePool {
  const requests: AttemptRequest[] = []
  const counted = countAttempts(threads)

  return {
    threads,
    requests,
    get busiest() {
      return counted.busiest
    },
    get free() {
      return counted.free
    },
    onFree: counted.onFree,
    statistics: counted.statistics,
    memory: async () => [],
    collect: async () => null,
    heapSnapshot: () => Promise.reject(new ThreadHeapError('There is no such thread.')),
    describe: async () => Object.keys(scripts).map((name) => describeTask(name)),
    reload: async () => Object.keys(scripts).map((name) => describeTask(name)),
    async run(request, listener, signal) {
      requests.push(request)
      const end = counted.begin(request.task)
      const over = new AbortController()
      const aborted = Promise.withResolvers<ScriptedOutcome>()
      signal.addEventListener('abort', () => aborted.resolve({ type: 'cancelled' }), { once: true })
      if (signal.aborted) aborted.resolve({ type: 'cancelled' })
      try {
        const script = scripts[request.task] ?? (() => done)
        const outcome = await Promise.race([script(request, until(over.signal, listener), signal), aborted.promise])
        return toOutcome(signal.aborted ? { type: 'cancelled' } : outcome)
      } finally {
        over.abort()
        end()
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** What a pool says of an outcome. */
export function toOutcome(outcome: ScriptedOutcome): AttemptOutcome {
  const { cpuMs = 0 } = outcome
  if (outcome.type !== 'succeeded') return { ...outcome, cpuMs }
  return { type: 'succeeded', json: JSON.stringify(outcome.output), cpuMs }
}

interface CountedAttempts extends Pick<ComputePool, 'free' | 'onFree' | 'statistics'> {
  readonly busiest: number
  /** Call the result at the attempt's end. */
  begin(task: string): () => void
}

function countAttempts(threads: number): CountedAttempts {
  const listeners = new Set<() => void>()
  const wait = createRecordedDistribution()
  const run = createRecordedDistribution()
  const tasks = new Map<string, { running: number; run: ReturnType<typeof createRecordedDistribution> }>()
  let running = 0
  let busiest = 0

  function begin(name: string): () => void {
    const task = tasks.get(name) ?? { running: 0, run: createRecordedDistribution() }
    tasks.set(name, task)
    task.running += 1
    running += 1
    busiest = Math.max(busiest, running)
    wait.record(0)
    const startedAt = performance.now()
    return () => {
      for (const distribution of [run, task.run]) distribution.record(performance.now() - startedAt)
      task.running -= 1
      running -= 1
      for (const listener of listeners) listener()
    }
  }

  function statistics(): PoolStatistics {
    return {
      threads,
      busy: Math.min(threads, running),
      up: threads,
      zombies: 0,
      waiting: Math.max(0, running - threads),
      wait: wait.read(),
      run: run.read(),
      tasks: [...tasks].map(([task, of]) => ({ task, running: of.running, run: of.run.read() })),
    }
  }

  return {
    get busiest() {
      return busiest
    },
    get free() {
      return Math.max(0, threads - running)
    },
    onFree(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    statistics,
    begin,
  }
}

/** Only passes on what is said before the attempt is over. */
function until(over: AbortSignal, listener: AttemptListener): AttemptListener {
  return {
    progress: (progress) => void (over.aborted || listener.progress(progress)),
    partial: (data) => (over.aborted ? Promise.reject(new Error('The attempt is over.')) : listener.partial(data)),
    log: (level, text) => void (over.aborted || listener.log(level, text)),
    file: (file) => (over.aborted ? Promise.reject(new Error('The attempt is over.')) : listener.file(file)),
  }
}

/** A task as a thread would describe it. */
export function describeTask(name: string, overrides: Partial<TaskDescription> = {}): TaskDescription {
  return {
    name,
    description: `The task ${name}.`,
    version: '1',
    inputSchema: { type: 'object', properties: { n: { type: 'number', default: 0 } } },
    outputSchema: { type: 'object' },
    partialSchema: null,
    timeoutMs: null,
    graceMs: 2000,
    retries: { attempts: 1, baseMs: 1000, capMs: 300_000 },
    memoizeForMs: null,
    heapMb: null,
    concurrency: null,
    sharded: false,
    file: `/tasks/${name}.ts`,
    ...overrides,
  }
}
