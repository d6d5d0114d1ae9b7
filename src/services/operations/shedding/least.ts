/** The least of what was measured lately: what was so all the time, and not now and then. */
export interface Least {
  /** `at` in ms, never less than the time before. */
  add(value: number, at: number): void
  /** `null` where too little was measured. */
  read(at: number): number | null
}

export interface LeastOptions {
  readonly windowMs: number
  /** How many samples it takes at least. */
  readonly fewest: number
  /** How old a sample may be that counts where fewer came within the window, in ms; by default none that is older than that. */
  readonly oldestMs?: number
}

const maxSamples = 64

/**
 * The minimum over a window (CoDel, RFC 8289 section 3): a queue that stands shows in it, a burst does not; nor does a single stall,
 * after which the only sample of the window is a bad one.
 */
export function createLeast({ windowMs, fewest, oldestMs = windowMs }: LeastOptions): Least {
  let samples: { readonly value: number; readonly at: number }[] = []
  // However many come, no more are held: the least of those that are close together stays.
  const bucketMs = windowMs / maxSamples

  return {
    add(value, at) {
      const last = samples.at(-1)
      if (last !== undefined && samples.length >= fewest && at - last.at < bucketMs) {
        samples[samples.length - 1] = { value: Math.min(value, last.value), at: last.at }
        return
      }
      samples.push({ value, at })
      if (samples.length > maxSamples + fewest) samples.shift()
    },
    read(at) {
      const within = samples.filter((sample) => sample.at > at - windowMs).length
      samples = samples.slice(-Math.max(fewest, within)).filter((sample) => sample.at > at - oldestMs)
      if (samples.length < fewest) return null
      return samples.reduce((least, { value }) => Math.min(least, value), Infinity)
    },
  }
}
