import { within } from '../../../core/within.ts'
import type { Alarms } from '../../../ports/alarms.ts'
import type { Logger } from '../../../ports/logger.ts'

export interface WatchDiskOptions {
  readonly alarms: Pick<Alarms, 'set'>
  readonly logger: Logger
  /** What is left on the disk, in bytes. */
  freeBytes(): Promise<number>
  /** What must be left. 0: nobody looks. */
  readonly leastBytes: number
}

const everyMs = 60_000
const deadlineMs = 10_000
/** So many times the least must be free until the alert is over. */
const enough = 1.1

/** Raises `DISK_LOW` by what is free, now and once a minute. While nobody knows, it stays as it was. Call the result to stop. */
export function watchDisk({ alarms, logger, freeBytes, leastBytes }: WatchDiskOptions): () => void {
  let isRaised = false
  let isFailing = false
  let isStopped = false

  async function look(): Promise<void> {
    const free = await within(deadlineMs, freeBytes(), null)
    if (free === null) throw new Error(`The file system did not answer within ${deadlineMs} ms.`)
    isFailing = false
    if (isStopped) return
    isRaised = free < (isRaised ? enough * leastBytes : leastBytes)
    const message = `${megabytes(free)} MB are free on the disk of the data folder.`
    alarms.set('DISK_LOW', isRaised ? { value: free, limit: leastBytes, unit: 'BYTES', message } : null)
  }

  function lookAgain(): void {
    look().catch((error: unknown) => {
      if (!isFailing && !isStopped)
        logger.warn({ error: String(error) }, 'What is free on the disk of the data folder cannot be told.')
      isFailing = true
    })
  }

  if (leastBytes === 0) return () => {}
  const timer = setInterval(lookAgain, everyMs)
  timer.unref()
  lookAgain()
  return () => {
    clearInterval(timer)
    isStopped = true
  }
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 2 ** 20)
}
