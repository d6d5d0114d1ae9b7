/** Calls something again and again until its result is called. */
export type Repeat = (work: () => Promise<void>) => () => void

/** How often positions are compared with the log, in ms. */
const minMs = 10_000
const maxMs = 25_000

/** Repeats after 10 to 25 s, a different time each time, so that many processes do not ask the database together. */
export function repeatWithJitter(work: () => Promise<void>): () => void {
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
