import { within } from '../../core/within.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'

const name = 'runningBoot'

/**
 * Notes that a server works on the store. Where the last one did not stop cleanly and the machine was started anew since,
 * the last commits may be lost (a power cut), so every topic gets a new epoch and no cursor can skip what is missing.
 * Says whether that was done.
 */
export async function noteStart(store: Store, bootId: string): Promise<boolean> {
  return store.write(async ({ settings, log }) => {
    const previous = await settings.get(name)
    const unsafe = previous !== null && previous !== bootId
    if (unsafe) await log.renewEpochs()
    await settings.set(name, bootId)
    return unsafe
  })
}

/** How long that may take, in ms: somebody else may hold the database. */
const noteMs = 2_000

/** Notes that the server stopped with everything written. What cannot be noted only means that the next boot of the machine plays safe. */
export async function noteStop(store: Store, logger: Logger): Promise<void> {
  const noted = store
    .write(({ settings }) => settings.set(name, null))
    .catch((error: unknown) => {
      logger.warn({ error: String(error) }, 'That the server has stopped could not be noted.')
    })
  await within(noteMs, noted)
}
