import { setImmediate } from 'node:timers'

/** How many timers and immediates keep this thread's event loop alive. */
export function countTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'Immediate').length
}

/**
 * Whether more of them are there than before: a task left some behind, which would go on running beside the next task.
 * Looks again after a turn of the loop, for libraries leave immediates that are gone by then.
 */
export async function hasMoreTimers(before: number): Promise<boolean> {
  if (countTimers() <= before) return false
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  return countTimers() > before
}
