import type { Logger } from '../../ports/logger.ts'

type Listener = (isLive: boolean) => void

/** Who hears when a bus is cut and when it is live again. */
export function createChangeListeners(logger: Logger) {
  const listeners = new Set<Listener>()

  return {
    /** Call the result to stop. */
    add(listener: Listener): () => void {
      const own: Listener = (isLive) => listener(isLive)
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    tell(isLive: boolean): void {
      for (const listener of listeners) {
        try {
          listener(isLive)
        } catch (error) {
          logger.error({ isLive, error: String(error) }, 'A listener to the state of the bus threw.')
        }
      }
    },
    clear: () => listeners.clear(),
  }
}
