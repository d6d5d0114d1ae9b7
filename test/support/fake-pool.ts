import type {
  AttemptListener,
  AttemptOutcome,
  AttemptRequest,
  ComputePool,
  TaskDescription,
} from '../../src/ports/compute-pool.ts'

/** What a task does, without a thread. The signal is the one that would stop the thread. */
export type Script = (
  request: AttemptRequest,
  listener: AttemptListener,
  signal: AbortSignal,
) => AttemptOutcome | Promise<AttemptOutcome>

export interface FakePool extends ComputePool {
  /** Every attempt that was ever given to it, in order. */
  readonly requests: readonly AttemptRequest[]
  /** The most attempts that were ever under way at once. */
  readonly busiest: number
}

export const done: AttemptOutcome = { type: 'succeeded', output: { done: true } }

/** A `ComputePool` that plays a script per task and keeps the port's promises about aborts and late reports. */
export function fakePool(scripts: Readonly<Record<string, Script>>, threads = 2): FakePool {
  const requests: AttemptRequest[] = []
  let running = 0
  let busiest = 0

  return {
    threads,
    requests,
    get busiest() {
      return busiest
    },
    describe: async () => Object.keys(scripts).map((name) => describeTask(name)),
    async run(request, listener, signal) {
      requests.push(request)
      running += 1
      busiest = Math.max(busiest, running)
      const over = new AbortController()
      const aborted = Promise.withResolvers<AttemptOutcome>()
      signal.addEventListener('abort', () => aborted.resolve({ type: 'cancelled' }), { once: true })
      if (signal.aborted) aborted.resolve({ type: 'cancelled' })
      try {
        const script = scripts[request.task] ?? (() => done)
        const outcome = await Promise.race([script(request, until(over.signal, listener), signal), aborted.promise])
        return signal.aborted ? { type: 'cancelled' } : outcome
      } finally {
        over.abort()
        running -= 1
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** Only passes on what is said before the attempt is over. */
function until(over: AbortSignal, listener: AttemptListener): AttemptListener {
  return {
    progress: (progress) => void (over.aborted || listener.progress(progress)),
    partial: (data) => (over.aborted ? Promise.reject(new Error('The attempt is over.')) : listener.partial(data)),
    log: (level, text) => void (over.aborted || listener.log(level, text)),
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
    file: `/tasks/${name}.ts`,
    ...overrides,
  }
}
