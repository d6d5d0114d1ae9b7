const everyMs = 60_000

/**
 * For what may happen very often: `tell` is called at most once a minute, with how often it has happened since it was called
 * last.
 */
export function toldSeldom(
  tell: (count: number, channel: string) => void,
  monotonicMs: () => number = () => performance.now(),
): (channel: string) => void {
  let count = 0
  let toldAt = -Infinity
  return (channel) => {
    count += 1
    if (monotonicMs() - toldAt < everyMs) return
    tell(count, channel)
    toldAt = monotonicMs()
    count = 0
  }
}
