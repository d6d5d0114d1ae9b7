import type { CountedPlace, Entry, OpenCounts } from '../../ports/open-counts.ts'
import { rowOf } from '../line/row-of.ts'
import type { Peer } from '../peer.ts'
import { readIds } from './leaving.ts'
import { isAmount, isId, isKey } from './read-values.ts'

/** How many entries a member may have at once, and places in one. */
const maxEntries = 500_000
const maxPlaces = 10

/** Counts for all members in the primary what they have open; what a member had counts no more when its line closes. */
export function createCountDesk(counts: OpenCounts) {
  return {
    /** Serves a member. */
    join(peer: Peer): void {
      const entries = new Map<number, Promise<Entry>>()

      async function leave(id: number): Promise<void> {
        const entry = await entries.get(id)
        entries.delete(id)
        if (entry !== undefined && 'leave' in entry) entry.leave()
      }

      peer.answer('counts.enter', async (body) => {
        const { id, places } = readEntry(body)
        if (entries.has(id)) throw new Error('An entry has a number of its own.')
        if (entries.size >= maxEntries) throw new Error(`A member may have at most ${maxEntries} entries.`)
        const entering = counts.enter(places)
        entries.set(id, entering)
        const entry = await entering
        if (!('full' in entry)) return null
        entries.delete(id)
        return places.findIndex(({ key }) => key === entry.full.key)
      })
      peer.onNotice('counts.leave', (body) => {
        for (const id of readIds(body)) void leave(id)
      })
      peer.closed.addEventListener('abort', () => {
        for (const id of entries.keys()) void leave(id)
      })
    },
  }
}

/** Throws a sentence for what is no entry. */
function readEntry(body: unknown): { readonly id: number; readonly places: readonly CountedPlace[] } {
  const [id, rows] = rowOf(body)
  if (!isId(id) || !Array.isArray(rows) || rows.length > maxPlaces) {
    throw new Error(`An entry has a number and at most ${maxPlaces} places.`)
  }
  return { id, places: rows.map(readPlace) }
}

function readPlace(row: unknown): CountedPlace {
  const [key, limit] = rowOf(row)
  if (!isKey(key) || !isAmount(limit)) throw new Error('A place has a key and a limit.')
  return { key, limit }
}
