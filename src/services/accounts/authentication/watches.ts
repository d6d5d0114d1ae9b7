import { Refusal } from '../../../core/errors.ts'
import type { KnownPrincipal } from '../../../core/principal.ts'
import type { AccountParts } from '../parts.ts'
import type { Revocation } from '../sessions/revocations.ts'
import type { Holdable } from './holdable.ts'
import { createStandingChecks } from './standing-checks.ts'
import {
  createWatchedCredentials,
  type Watch,
  type WatchedCredential,
  type WatchedCredentials,
} from './watched-credentials.ts'

/** Those who want to know when the credential ends that they were let in by: one for each live stream. */
export interface Watches {
  /**
   * Calls `onEnd` once, when the principal's credential ends; call the result to stop. `held` is held while the credential may
   * have changed and has not been looked up since, and released if it still stands.
   */
  add(principal: KnownPrincipal, onEnd: (why: Refusal) => void, held?: Holdable): () => void
  revoked(revocation: Revocation): void
  /** Revocations were missed: every credential is looked up. */
  missed(): void
  /** Ends what has expired, and looks up what could not be looked up before. */
  tick(): void
  readonly size: number
}

export type WatchesOptions = Pick<AccountParts, 'store' | 'clock' | 'policy' | 'logger'>

export function createWatches(options: WatchesOptions): Watches {
  const { clock } = options
  const credentials = createWatchedCredentials()
  const tell = createTelling(options)
  const checks = createStandingChecks<WatchedCredential>(options, (credential, standing) => {
    if (standing instanceof Refusal) return endAll(credential, standing)
    for (const watch of credential.watches) watch.expiresAt = earlier(watch.expiresAt, standing.expiresAt)
    setDoubted(credential, false, tell)
  })

  function doubt(some: readonly WatchedCredential[]): void {
    for (const credential of some) setDoubted(credential, true, tell)
    checks.doubt(some)
  }

  function remove(credential: WatchedCredential, watch: Watch): boolean {
    if (!credentials.remove(credential, watch)) return false
    if (credential.watches.size === 0) checks.drop(credential)
    return true
  }

  function end(credential: WatchedCredential, watch: Watch, why: Refusal): void {
    if (remove(credential, watch)) tell(() => watch.onEnd(why))
  }

  function endAll(credential: WatchedCredential, why: Refusal): void {
    for (const watch of credential.watches) end(credential, watch, why)
  }

  return {
    add(principal, onEnd, held) {
      const watch: Watch = { onEnd, held: held ?? null, expiresAt: principal.expiresAt }
      const credential = credentials.add(principal, watch)
      if (credential.isDoubted) tell(() => held?.hold())
      // It may have ended between the look-up that let it in and now.
      checks.ask([credential])
      return () => void remove(credential, watch)
    },

    revoked(revocation) {
      const affected = credentials.of(revocation)
      if (!revocation.ends) return doubt(affected)
      const why = new Refusal('SESSION_REVOKED', 'The session or key was revoked: sign in again.')
      for (const credential of affected) endAll(credential, why)
    },

    missed: () => doubt([...credentials.all()]),

    tick() {
      endExpired(credentials, clock.now(), end)
      checks.ask([])
    },

    get size() {
      return credentials.watches
    },
  }
}

/** Holds those who watch, or lets them go on. */
function setDoubted(credential: WatchedCredential, isDoubted: boolean, tell: Tell): void {
  if (credential.isDoubted === isDoubted) return
  credential.isDoubted = isDoubted
  for (const { held } of credential.watches) tell(() => (isDoubted ? held?.hold() : held?.release()))
}

function endExpired(
  credentials: WatchedCredentials,
  now: number,
  end: (credential: WatchedCredential, watch: Watch, why: Refusal) => void,
): void {
  for (const credential of credentials.all()) {
    for (const watch of credential.watches) {
      if (watch.expiresAt === null || now < watch.expiresAt) continue
      end(credential, watch, new Refusal('UNAUTHENTICATED', 'The credential has expired.'))
    }
  }
}

type Tell = (call: () => void) => void

/** Calls what one who watches gave, and keeps what it throws from the others. */
function createTelling({ logger }: WatchesOptions): Tell {
  return (call) => {
    try {
      call()
    } catch (error) {
      logger.error({ error: String(error) }, 'Who watches a credential threw when told of it.')
    }
  }
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}
