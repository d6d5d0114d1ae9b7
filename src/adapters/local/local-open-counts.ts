import type { CountedPlace, OpenCounts } from '../../ports/open-counts.ts'

/** `OpenCounts` of this process alone. Holds only keys under which something is open. */
export function localOpenCounts(): OpenCounts {
  const counts = new Map<string, number>()

  function change({ key }: CountedPlace, difference: number): void {
    const count = (counts.get(key) ?? 0) + difference
    if (count > 0) counts.set(key, count)
    else counts.delete(key)
  }

  return {
    async enter(places) {
      const full = places.find(({ key, limit }) => (counts.get(key) ?? 0) >= limit)
      if (full !== undefined) return { full }
      for (const place of places) change(place, 1)
      let isOpen = true
      return {
        leave() {
          if (isOpen) for (const place of places) change(place, -1)
          isOpen = false
        },
      }
    },
  }
}
