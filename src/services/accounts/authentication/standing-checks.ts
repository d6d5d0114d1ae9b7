import type { Refusal } from '../../../core/errors.ts'
import type { KnownPrincipal } from '../../../core/principal.ts'
import type { AccountParts } from '../parts.ts'
import { type Standing, standingOf } from './standing.ts'

/** Looking up whether credentials that are in use still stand. */
export interface StandingChecks<Thing> {
  /** Looks these up, and those that could not be looked up before; returns at once. */
  ask(things: Iterable<Thing>): void
  /** Nobody wants to know any more. */
  drop(thing: Thing): void
}

/** How many credentials one reading of the store looks up. */
const portion = 100

/** `found` is told of each; what could not be read waits for the next `ask`. */
export function createStandingChecks<Thing extends { readonly principal: KnownPrincipal }>(
  { store, clock, policy, logger }: Pick<AccountParts, 'store' | 'clock' | 'policy' | 'logger'>,
  found: (thing: Thing, standing: Standing | Refusal) => void,
): StandingChecks<Thing> {
  const asked = new Set<Thing>()
  /** Those of a reading that is under way, unless they were dropped since. */
  const underWay = new Set<Thing>()
  let isBusy = false

  async function check(some: readonly Thing[]): Promise<void> {
    const at = { now: clock.now(), policy }
    const standings = await store.read(async (records) => {
      const all = new Map<Thing, Standing | Refusal>()
      for (const thing of some) all.set(thing, await standingOf(records, thing.principal, at))
      return all
    })
    for (const [thing, standing] of standings) if (underWay.delete(thing)) found(thing, standing)
  }

  async function checkAll(): Promise<void> {
    isBusy = true
    try {
      while (asked.size > 0) {
        const some = [...asked].slice(0, portion)
        for (const thing of some) {
          asked.delete(thing)
          underWay.add(thing)
        }
        await check(some)
      }
    } catch (error) {
      for (const thing of underWay) asked.add(thing)
      underWay.clear()
      logger.warn(
        { error: String(error) },
        'The credentials of live streams could not be looked up; it is tried again.',
      )
    } finally {
      isBusy = false
    }
  }

  return {
    ask(things) {
      for (const thing of things) asked.add(thing)
      if (!isBusy && asked.size > 0) void checkAll()
    },
    drop(thing) {
      asked.delete(thing)
      underWay.delete(thing)
    },
  }
}
