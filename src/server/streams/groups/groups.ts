import { createExecutor, type ExecuteEvent } from './executor.ts'
import type { FanOut } from './fan-out.ts'
import type { FrameCaches } from './frame-cache.ts'
import { createGroup, type Group } from './group.ts'

/** The groups that have subscribers. */
export interface Groups {
  /** The group of a key; made, with `execute`, when there is none. To be released as often as it was acquired. */
  acquire(key: string, execute: () => ExecuteEvent): Group
  release(key: string): void
  readonly size: number
}

export interface GroupsOptions {
  readonly caches: FrameCaches
  readonly fanOut: FanOut
}

interface Shared {
  readonly group: Group
  readonly end: () => void
  users: number
}

export function createGroups({ caches, fanOut }: GroupsOptions): Groups {
  const groups = new Map<string, Shared>()

  function open(execute: ExecuteEvent): Shared {
    const cache = caches.open()
    return { group: createGroup(createExecutor(execute, cache), fanOut), end: () => cache.close(), users: 0 }
  }

  return {
    acquire(key, execute) {
      const shared = groups.get(key) ?? open(execute())
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
      shared.end()
    },
    get size() {
      return groups.size
    },
  }
}
