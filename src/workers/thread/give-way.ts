import { setPriority } from 'node:os'

/** How far behind the main thread, of 19 steps. */
const niceness = 10

/**
 * Has the operating system prefer the main thread to this one, so that the API answers while tasks fill every core. Linux
 * alone counts a priority by thread: elsewhere it would be that of the whole process, and is left alone.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(niceness)
  } catch {
    // Where that is not allowed, the scheduler treats all threads alike.
  }
}
