/** What waits to be looked up, what is being looked up, and in which order. */
export interface CheckQueue<Thing> {
  readonly isEmpty: boolean
  /** To be looked up when its turn comes. */
  ask(thing: Thing): void
  /** To be looked up before all that was only asked for; what is being read of it does not count. */
  doubt(thing: Thing): void
  drop(thing: Thing): void
  /** The next so many, which are under way from now on. Not while others are. */
  take(count: number): readonly Thing[]
  /** It has been looked up. Says whether that counts: it was neither dropped nor doubted since it was taken. */
  answered(thing: Thing): boolean
  /** Puts what is under way back where it was. */
  putBack(): void
}

export function createCheckQueue<Thing>(): CheckQueue<Thing> {
  const doubted = new Set<Thing>()
  const asked = new Set<Thing>()
  /** With where they came from. */
  const underWay = new Map<Thing, Set<Thing>>()

  function drop(thing: Thing): void {
    doubted.delete(thing)
    asked.delete(thing)
    underWay.delete(thing)
  }

  return {
    get isEmpty() {
      return doubted.size + asked.size === 0
    },
    ask(thing) {
      if (!doubted.has(thing)) asked.add(thing)
    },
    doubt(thing) {
      drop(thing)
      doubted.add(thing)
    },
    drop,
    take(count) {
      for (const queue of [doubted, asked]) {
        for (const thing of queue) {
          if (underWay.size >= count) break
          queue.delete(thing)
          if (!underWay.has(thing)) underWay.set(thing, queue)
        }
      }
      return [...underWay.keys()]
    },
    answered: (thing) => underWay.delete(thing),
    putBack() {
      for (const [thing, queue] of underWay) queue.add(thing)
      underWay.clear()
    },
  }
}
