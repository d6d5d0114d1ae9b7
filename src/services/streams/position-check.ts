/** Calls something again and again until its result is called. */
export type Repeat = (work: () => Promise<void>) => () => void

/** The least and the most ms between two calls. */
export interface Pause {
  readonly minMs: number
  readonly maxMs: number
}

/** Repeats after 10 to 25 s: how often positions are compared with the log. */
export const repeatWithJitter: Repeat = repeatEvery({ minMs: 10_000, maxMs: 25_000 })

/** Repeats after a pause that is another one each time, so that many processes do not ask the database together. */
export function repeatEvery({ minMs, maxMs }: Pause): Repeat {
  return (work) => {
    let timer: NodeJS.Timeout
    let stopped = false
    const plan = () => {
      timer = setTimeout(run, minMs + Math.random() * (maxMs - minMs))
      timer.unref()
    }
    const run = () => {
      void work().finally(() => {
        if (!stopped) plan()
      })
    }
    plan()
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }
}
