/** Runs works of the same key one after another, in the order in which they were asked for; other keys do not wait. */
type TurnsHere = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** Turns within this process, without a bound on who waits. */
export function createTurns(): TurnsHere {
  const last = new Map<string, Promise<void>>()

  return async (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work)
    // The next one begins however this one ends.
    const over = turn.then(
      () => undefined,
      () => undefined,
    )
    last.set(key, over)
    try {
      return await turn
    } finally {
      if (last.get(key) === over) last.delete(key)
    }
  }
}
