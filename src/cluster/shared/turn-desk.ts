import { createTurnQueue, type TurnPlace } from '../../core/turn-queue.ts'
import { rowOf } from '../line/row-of.ts'
import type { Peer } from '../peer.ts'
import { readIds } from './leaving.ts'
import { isId, isKey } from './read-values.ts'

/** How many turns may be had and waited for at once, by all members together. */
const maxPlaces = 10_000

/** Gives turns to the works of all members, in the order in which they were asked for; those of a member end with its line. */
export function createTurnDesk() {
  const queue = createTurnQueue()

  return {
    /** Serves a member. */
    join(peer: Peer): void {
      const places = new Map<number, TurnPlace>()

      function leave(id: number): void {
        places.get(id)?.leave()
        places.delete(id)
      }

      peer.answer('turns.take', async (body) => {
        const [id, key] = rowOf(body)
        if (!isId(id) || !isKey(key) || places.has(id)) throw new Error('A turn has a number of its own and a key.')
        if (queue.size >= maxPlaces) throw new Error('Too many wait for their turns.')
        const place = queue.enter(key)
        places.set(id, place)
        return place.turn
      })
      peer.onNotice('turns.leave', (body) => {
        for (const id of readIds(body)) leave(id)
      })
      peer.closed.addEventListener('abort', () => {
        for (const id of places.keys()) leave(id)
      })
    },
  }
}
