/** The standstills of this process that were announced and are not over. */
export interface AnnouncedPauses {
  readonly isOn: boolean
  /** One of about so many ms, at most 10 minutes, is about to come. Call the result when it is over. */
  begin(ms: number): () => void
  /** For how long it may still stand still, in ms. */
  leftMs(): number
}

const longestMs = 600_000

export function createAnnouncedPauses(): AnnouncedPauses {
  const pauses = new Set<{ readonly endsAt: number }>()

  return {
    get isOn() {
      return pauses.size > 0
    },
    begin(ms) {
      const pause = { endsAt: performance.now() + Math.min(longestMs, Math.max(0, ms)) }
      pauses.add(pause)
      return () => void pauses.delete(pause)
    },
    leftMs() {
      const lastEnd = Math.max(0, ...[...pauses].map(({ endsAt }) => endsAt))
      return Math.max(0, Math.ceil(lastEnd - performance.now()))
    },
  }
}
