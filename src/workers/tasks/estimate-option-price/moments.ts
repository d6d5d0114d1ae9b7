/** Count, mean and sum of the squared deviations from it: enough for a mean and its standard error. */
export interface Moments {
  readonly count: number
  readonly mean: number
  readonly squares: number
}

export const noMoments: Moments = { count: 0, mean: 0, squares: 0 }

/** The moments of `count` samples. Looks whether to stop, by `check`, every 256 samples or fewer. */
export function momentsOf(count: number, sample: () => number, check: () => void): Moments {
  // Deviations from some sample instead of from 0: as exact as two passes over them.
  const near = sample()
  let sum = 0
  let squares = 0
  for (let i = 1; i < count; i += 1) {
    const deviation = sample() - near
    sum += deviation
    squares += deviation * deviation
    if (i % 256 === 0) check()
  }
  return { count, mean: near + sum / count, squares: Math.max(0, squares - (sum * sum) / count) }
}

/** The moments of two sets of samples together (Chan, Golub and LeVeque 1979). */
export function mergeMoments(one: Moments, other: Moments): Moments {
  const count = one.count + other.count
  if (count === 0) return noMoments
  const distance = other.mean - one.mean
  return {
    count,
    mean: one.mean + (distance * other.count) / count,
    squares: one.squares + other.squares + (distance * distance * one.count * other.count) / count,
  }
}

/** The standard deviation of the mean. */
export function standardErrorOf({ count, squares }: Moments): number {
  return Math.sqrt(squares / (count - 1) / count)
}
