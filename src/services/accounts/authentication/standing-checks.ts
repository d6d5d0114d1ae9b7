import type { Refusal } from '../../../core/errors.ts'
import type { KnownPrincipal } from '../../../core/principal.ts'
import type { AccountParts } from '../parts.ts'
import { createCheckQueue } from './check-queue.ts'
import { type Standing, standingOf } from './standing.ts'

/** Looking up whether credentials that are in use still stand. The functions return at once. */
export interface StandingChecks<Credential> {
  /** Looks these up when their turn comes, and those that could not be looked up before. */
  ask(credentials: Iterable<Credential>): void
  /** Looks these up before all that were only asked for: they may have changed. What was read of them before does not count. */
  doubt(credentials: Iterable<Credential>): void
  /** Nobody wants to know any more. */
  drop(credential: Credential): void
}

/** How many credentials one reading of the store looks up. */
const portion = 100

/** `found` is told of each, and never throws; what could not be read waits for the next `ask` or `doubt`. */
export function createStandingChecks<Credential extends { readonly principal: KnownPrincipal }>(
  { store, clock, policy, logger }: Pick<AccountParts, 'store' | 'clock' | 'policy' | 'logger'>,
  found: (credential: Credential, standing: Standing | Refusal) => void,
): StandingChecks<Credential> {
  const queue = createCheckQueue<Credential>()
  let isBusy = false

  async function check(some: readonly Credential[]): Promise<void> {
    const at = { now: clock.now(), policy }
    const standings = await store.read(async (records) => {
      const all = new Map<Credential, Standing | Refusal>()
      for (const one of some) all.set(one, await standingOf(records, one.principal, at))
      return all
    })
    for (const [one, standing] of standings) if (queue.answered(one)) found(one, standing)
  }

  /** Answers why not all of them could be looked up; `null`: they were. What fails for one does not fail for the others. */
  async function tryAll(some: readonly Credential[]): Promise<{ readonly error: unknown } | null> {
    try {
      await check(some)
      return null
    } catch (error) {
      if (some.length > 1) for (const one of some) await tryAll([one])
      return { error }
    }
  }

  async function checkAll(): Promise<void> {
    isBusy = true
    let failure: { readonly error: unknown } | null = null
    while (!queue.isEmpty) failure = (await tryAll(queue.take(portion))) ?? failure
    queue.putBack()
    isBusy = false
    if (failure === null) return
    const fields = { error: String(failure.error) }
    logger.warn(fields, 'Credentials of live streams could not be looked up; it is tried again.')
  }

  function start(): void {
    if (!isBusy && !queue.isEmpty) void checkAll()
  }

  return {
    ask(credentials) {
      for (const credential of credentials) queue.ask(credential)
      start()
    },
    doubt(credentials) {
      for (const credential of credentials) queue.doubt(credential)
      start()
    },
    drop: (credential) => queue.drop(credential),
  }
}
