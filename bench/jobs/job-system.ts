/** Something that runs jobs, as the benchmark uses all of them. */
export interface JobSystem extends AsyncDisposable {
  readonly name: string
  /** What a job outlives that was entered: the price of the figures. */
  readonly outlives: string
  /** Where the function of a job runs. */
  readonly runsIn: string
  /** Enters so many no-op jobs, 100 at a time; resolves when all have ended and that is on record. */
  runNoops(count: number): Promise<void>
  /** Enters one no-op job; resolves after its end with the time (`now`) of its first line. */
  startNoop(): Promise<number>
  /** One computeFibonacci(10), until who asked for it has the result. */
  runFibonacci(): Promise<void>
}

/** How many jobs are entered at once. */
const batchSize = 100

/** Enters so many jobs in batches, each as soon as the one before it is acknowledged. */
export async function inBatches(count: number, enter: (size: number) => Promise<unknown>): Promise<void> {
  for (let left = count; left > 0; left -= batchSize) await enter(Math.min(left, batchSize))
}
