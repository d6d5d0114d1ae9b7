/** So many at once, and so many more each second. */
interface AllowanceRate {
  readonly burst: number
  readonly perSecond: number
}

/** Whether one more is allowed now; it is counted then. */
type Allowance = () => boolean

/** Milliseconds that never go back. */
type Now = () => number

/** A token bucket. */
export function createAllowance({ burst, perSecond }: AllowanceRate, now: Now = elapsed): Allowance {
  let left = burst
  let seenAt = now()
  return () => {
    const at = now()
    left = Math.min(burst, left + ((at - seenAt) / 1_000) * perSecond)
    seenAt = at
    if (left < 1) return false
    left -= 1
    return true
  }
}

/** One for each key, kept for the `most` keys that asked last. */
export function createAllowances(rate: AllowanceRate, most: number, now: Now = elapsed): (key: string) => boolean {
  const byKey = new Map<string, Allowance>()
  return (key) => {
    const allowance = byKey.get(key) ?? createAllowance(rate, now)
    byKey.delete(key)
    byKey.set(key, allowance)
    for (const oldest of byKey.keys()) {
      if (byKey.size <= most) break
      byKey.delete(oldest)
    }
    return allowance()
  }
}

function elapsed(): number {
  return performance.now()
}
