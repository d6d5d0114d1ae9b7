/** What attempts have used, from when that is known until their ends are written: the events of their jobs do not say it. */
export interface AttemptCosts {
  /** CPU time in ms; `null` where a thread was ended before it could tell. */
  note(jobId: string, cpuMs: number | null): void
  /** `null` where it is not known. */
  of(jobId: string): number | null
  forget(jobId: string): void
}

/** Holds as many as there are attempts whose ends are being written. */
export function createAttemptCosts(): AttemptCosts {
  const costs = new Map<string, number | null>()
  return {
    note: (jobId, cpuMs) => void costs.set(jobId, cpuMs),
    of: (jobId) => costs.get(jobId) ?? null,
    forget: (jobId) => void costs.delete(jobId),
  }
}
