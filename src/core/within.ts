export interface WithinOptions {
  /** Whether the process lives on for the deadline alone (true). */
  readonly keepsAlive?: boolean
}

/** What the work gives, or `late` where that takes longer than so many ms. Rejects as the work does, as long as it waits. */
export function within<T>(ms: number, work: T | PromiseLike<T>): Promise<T | undefined>
export function within<T, Late>(
  ms: number,
  work: T | PromiseLike<T>,
  late: Late,
  options?: WithinOptions,
): Promise<T | Late>
export async function within(
  ms: number,
  work: unknown,
  late?: unknown,
  { keepsAlive = true }: WithinOptions = {},
): Promise<unknown> {
  const { promise: timeUp, resolve } = Promise.withResolvers<unknown>()
  const timer = setTimeout(resolve, ms, late)
  if (!keepsAlive) timer.unref()
  try {
    return await Promise.race([work, timeUp])
  } finally {
    clearTimeout(timer)
  }
}
