import type { ProcessLoad } from '../../core/cluster.ts'

/** For how long half of the threads must be lost before a process asks to be replaced, and how often that is looked at, in ms. */
const patienceMs = 10_000
const everyMs = 1_000

/**
 * Asks for a successor, once, when half of the threads have been held for ten seconds by native code that cannot be ended: only
 * the end of the process gives their cores back. Call the result to stop.
 */
export function recycleWhenCrippled(
  load: () => Pick<ProcessLoad, 'threads' | 'zombieThreads'>,
  recycle: (reason: string) => void,
): () => void {
  let crippledMs = 0
  const timer = setInterval(() => {
    const { threads, zombieThreads } = load()
    crippledMs = zombieThreads > 0 && 2 * zombieThreads >= threads ? crippledMs + everyMs : 0
    if (crippledMs < patienceMs) return
    clearInterval(timer)
    recycle(`${zombieThreads} of its ${threads} threads were ended and are held by native code all the same.`)
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
