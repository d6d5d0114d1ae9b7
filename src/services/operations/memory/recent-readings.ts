/** What was read within a stretch of time up to the newest reading. */
export interface RecentReadings {
  add(at: number, bytes: number): void
  clear(): void
  /** `null` while the readings do not go back over the whole stretch. */
  lowest(): number | null
  highest(): number | null
}

/** As many are kept as are added within `forMs`. */
export function createRecentReadings(forMs: number): RecentReadings {
  let readings: { readonly at: number; readonly bytes: number }[] = []

  function bytes(): number[] {
    const [oldest] = readings
    const newest = readings.at(-1)
    if (oldest === undefined || newest === undefined || newest.at - oldest.at < forMs) return []
    return readings.map((each) => each.bytes)
  }

  const extreme = (pick: (...values: number[]) => number): number | null => {
    const all = bytes()
    return all.length === 0 ? null : pick(...all)
  }

  return {
    add(at, read) {
      // One that is older than the stretch shows that it is covered.
      const covering = readings.findLastIndex((each) => each.at <= at - forMs)
      readings = [...readings.slice(Math.max(0, covering)), { at, bytes: read }]
    },
    clear() {
      readings = []
    },
    lowest: () => extreme(Math.min),
    highest: () => extreme(Math.max),
  }
}
