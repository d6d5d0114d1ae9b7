import type { ExecuteEvent } from './execution.ts'
import { createExecutor } from './executor.ts'
import type { FanOut } from './fan-out.ts'
import type { FrameCaches } from './frame-cache.ts'
import { createGroup, type Group, type OnLive } from './group.ts'

/**
 * The groups that have subscribers, and those that had some lately: who polls is between two of its requests, and after a cut
 * connection all come back together.
 */
export interface Groups {
  /** The group of a key; made, with `execute`, when there is none. To be released as often as it was acquired. */
  acquire(key: string, execute: () => ExecuteEvent): Group
  release(key: string): void
  /** How many there are with subscribers. */
  readonly size: number
}

/** The most groups that are kept without subscribers, and for how long, in ms; at most twice that. */
const maxIdle = 256
const idleMs = 60_000

export interface GroupsOptions {
  readonly caches: FrameCaches
  readonly fanOut: FanOut
  readonly onLive?: OnLive | undefined
}

interface Shared {
  readonly group: Group
  readonly end: () => void
  users: number
  /** When the last subscriber left. */
  idleSince: number
}

export function createGroups({ caches, fanOut, onLive }: GroupsOptions): Groups {
  const groups = new Map<string, Shared>()
  /** Those without subscribers, the one that has been so for the longest time first. */
  const idle = new Map<string, Shared>()
  let timer: NodeJS.Timeout | null = null

  function dropIdle(now: number): void {
    for (const [key, shared] of idle) {
      if (idle.size <= maxIdle && now - shared.idleSince < idleMs) break
      idle.delete(key)
      shared.end()
    }
  }

  /** Looks again when the first of those that are there now is over its time. */
  function planDrop(): void {
    if (timer !== null || idle.size === 0) return
    timer = setTimeout(() => {
      timer = null
      dropIdle(performance.now())
      planDrop()
    }, idleMs)
    timer.unref()
  }

  function open(execute: ExecuteEvent): Shared {
    const cache = caches.open()
    return {
      group: createGroup(createExecutor(execute, cache), fanOut, onLive),
      end: () => cache.close(),
      users: 0,
      idleSince: 0,
    }
  }

  return {
    acquire(key, execute) {
      const shared = groups.get(key) ?? idle.get(key) ?? open(execute())
      idle.delete(key)
      groups.set(key, shared)
      shared.users += 1
      return shared.group
    },
    release(key) {
      const shared = groups.get(key)
      if (shared === undefined) return
      shared.users -= 1
      if (shared.users > 0) return
      groups.delete(key)
      shared.idleSince = performance.now()
      idle.set(key, shared)
      dropIdle(shared.idleSince)
      planDrop()
    },
    get size() {
      return groups.size
    },
  }
}
