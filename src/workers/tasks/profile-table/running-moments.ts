/** What is known of values so far, to be joined with what is known of others. */
export interface MomentsState {
  readonly count: number
  readonly mean: number
  /** The sum of the squared distances from the mean. */
  readonly squares: number
  readonly sum: number
  /** What rounding has taken from the sum. */
  readonly lost: number
  readonly min: number
  readonly max: number
}

/** Number of values, mean, variance and extremes of values that come one by one, in constant memory. */
export interface RunningMoments {
  add(value: number): void
  readonly count: number
  readonly min: number
  readonly max: number
  /** `null` without values, or where it is no finite number. */
  readonly mean: number | null
  /** Of the sample (divided by count − 1); `null` for fewer than two values, or where it is no finite number. */
  readonly standardDeviation: number | null
  state(): MomentsState
  /** Takes in the values of another. */
  merge(state: MomentsState): void
}

/**
 * The variance by Welford's method, which does not lose precision where the mean is large beside the spread (Technometrics
 * 4, 1962), that of two sets by Chan, Golub and LeVeque (The American Statistician 37, 1983); the mean by Neumaier's
 * compensated sum, so that a million decimals do not leave their rounding in it.
 */
export function createRunningMoments(): RunningMoments {
  let count = 0
  let mean = 0
  let squares = 0
  let sum = 0
  let lost = 0
  let min = Infinity
  let max = -Infinity

  function addToSum(value: number): void {
    const next = sum + value
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }

  return {
    add(value) {
      count += 1
      const before = value - mean
      mean += before / count
      squares += before * (value - mean)
      addToSum(value)
      if (value < min) min = value
      if (value > max) max = value
    },
    get count() {
      return count
    },
    get min() {
      return min
    },
    get max() {
      return max
    },
    get mean() {
      if (count === 0) return null
      const exact = (sum + lost) / count
      // A sum may be beyond what a number holds where the mean is not.
      return finite(Number.isFinite(exact) ? exact : mean)
    },
    get standardDeviation() {
      return count < 2 ? null : finite(Math.sqrt(squares / (count - 1)))
    },
    state: () => ({ count, mean, squares, sum, lost, min, max }),
    merge(other) {
      if (other.count === 0) return
      const apart = other.mean - mean
      const share = other.count / (count + other.count)
      squares += other.squares + apart * apart * count * share
      mean += apart * share
      count += other.count
      addToSum(other.sum)
      lost += other.lost
      min = Math.min(min, other.min)
      max = Math.max(max, other.max)
    },
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
