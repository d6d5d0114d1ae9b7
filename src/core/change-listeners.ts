/** Who hears of changes of one kind. */
export interface ChangeListeners<Change> {
  /** Call the result to stop. The same listener may be added twice. */
  add(listener: (change: Change) => void): () => void
  tell(change: Change): void
  clear(): void
}

/** `onThrow` hears what a listener threw; the others hear of the change all the same. */
export function createChangeListeners<Change>(onThrow: (error: unknown) => void): ChangeListeners<Change> {
  const listeners = new Set<(change: Change) => void>()
  return {
    add(listener) {
      // A function of its own for each time.
      const own = (change: Change) => listener(change)
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    tell(change) {
      for (const listener of listeners) {
        try {
          listener(change)
        } catch (error) {
          onThrow(error)
        }
      }
    },
    clear: () => listeners.clear(),
  }
}
