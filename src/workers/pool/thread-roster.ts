/** Which thread runs what, by what the threads say of themselves. */
export interface ThreadRoster {
  /** A part of an attempt has begun there. */
  enter(threadId: number, task: string, part: { readonly isOver: boolean }): void
  /** `null` for a thread that has run nothing. */
  read(threadId: number): ThreadRecord | null
  /** Forgets all other threads. */
  keepOnly(threadIds: ReadonlySet<number>): void
}

export interface ThreadRecord {
  readonly task: string | null
  /** What it ran last, newest first. */
  readonly recentTasks: readonly string[]
  /** How many parts of attempts it has begun. */
  readonly runs: number
}

const maxRecentTasks = 5
/** There are never as many threads: it bounds what threads could claim. */
const maxThreads = 1_000

export function createThreadRoster(): ThreadRoster {
  const records = new Map<number, Omit<ThreadRecord, 'task'> & { readonly part: { readonly isOver: boolean } }>()

  return {
    enter(threadId, task, part) {
      const last = records.get(threadId)
      if (last === undefined && records.size >= maxThreads) return
      const others = (last?.recentTasks ?? []).filter((each) => each !== task)
      const recentTasks = [task, ...others].slice(0, maxRecentTasks)
      records.set(threadId, { recentTasks, runs: (last?.runs ?? 0) + 1, part })
    },
    read(threadId) {
      const record = records.get(threadId)
      if (record === undefined) return null
      const { recentTasks, runs, part } = record
      return { task: part.isOver ? null : (recentTasks[0] ?? null), recentTasks, runs }
    },
    keepOnly(threadIds) {
      for (const threadId of records.keys()) if (!threadIds.has(threadId)) records.delete(threadId)
    },
  }
}
