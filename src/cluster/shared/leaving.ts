import { rowOf } from '../line/row-of.ts'
import type { Peer } from '../peer.ts'
import { isId } from './read-values.ts'

/** Ids in one notice. */
const maxIds = 1_000

/** Tells the other side under a name that ids are given up, and goes on telling it where the line was too full. */
export function createLeaving(peer: Peer, name: string, retryMs = 250): (id: number) => void {
  const untold = new Set<number>()
  let timer: NodeJS.Timeout | undefined

  function tellAll(): void {
    timer = undefined
    while (untold.size > 0) {
      const ids = [...untold.values().take(maxIds)]
      if (!peer.notify(name, ids)) {
        wait()
        return
      }
      for (const id of ids) untold.delete(id)
    }
  }

  function wait(): void {
    if (!peer.closed.aborted) timer ??= setTimeout(tellAll, retryMs)
  }

  peer.closed.addEventListener('abort', () => clearTimeout(timer))
  return (id) => {
    if (peer.notify(name, [id])) return
    untold.add(id)
    wait()
  }
}

/** Reads the ids of such a notice. */
export function readIds(body: unknown): readonly number[] {
  const ids = rowOf(body)
  return ids.length > maxIds ? [] : ids.filter(isId)
}
