interface DatedText {
  /** In ms since 1970. */
  readonly time: number
  /** As it was written. */
  readonly text: string
}

export interface DateRangeState {
  readonly first: DatedText | null
  readonly last: DatedText | null
}

/** The first and the last of dates that come in any order; of those alike, the one that came first. */
export interface DateRange {
  add(time: number, text: string): void
  state(): DateRangeState
  /** Takes in the dates of another, as if they had come after those that are here. */
  merge(state: DateRangeState): void
}

export function createDateRange(): DateRange {
  let first: DatedText | null = null
  let last: DatedText | null = null

  function add(time: number, text: string): void {
    if (first === null || time < first.time) first = { time, text: text.trim() }
    if (last === null || time > last.time) last = { time, text: text.trim() }
  }

  return {
    add,
    state: () => ({ first, last }),
    merge(other) {
      if (other.first !== null) add(other.first.time, other.first.text)
      if (other.last !== null) add(other.last.time, other.last.text)
    },
  }
}
