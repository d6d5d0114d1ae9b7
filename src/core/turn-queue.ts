/** A place in the queue for a key. */
export interface TurnPlace {
  /** Resolves with `true` when it is this one's turn, until it leaves; with `false` when it left before. */
  readonly turn: Promise<boolean>
  /** Gives the turn on, or waits for it no more. May be called twice. */
  leave(): void
}

export interface TurnQueue {
  /** Takes the last place for the key. */
  enter(key: string): TurnPlace
  /** How many places there are that have not been left. */
  readonly size: number
}

/** Queues by key, first come, first served; one key does not wait for another. */
export function createTurnQueue(): TurnQueue {
  type Begin = (isMine: boolean) => void
  const queues = new Map<string, Set<Begin>>()
  let size = 0

  return {
    enter(key) {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const begin: Begin = (isMine) => resolve(isMine)
      const queue = queues.get(key) ?? new Set()
      queues.set(key, queue.add(begin))
      size += 1
      if (queue.size === 1) begin(true)
      return {
        turn: promise,
        leave() {
          if (!queue.delete(begin)) return
          size -= 1
          begin(false)
          const [next] = queue
          if (next === undefined) queues.delete(key)
          else next(true)
        },
      }
    },
    get size() {
      return size
    },
  }
}
