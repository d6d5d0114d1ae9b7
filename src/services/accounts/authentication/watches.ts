import { Refusal } from '../../../core/errors.ts'
import type { KnownPrincipal } from '../../../core/principal.ts'
import type { AccountParts } from '../parts.ts'
import type { Revocation } from '../sessions/revocations.ts'
import { createStandingChecks } from './standing-checks.ts'
import { createSubjectIndex } from './subjects.ts'

/** Those who want to know when the credential ends that they were let in by: one for each live stream. */
export interface Watches {
  /** Calls `onEnd` once, when the principal's credential ends; call the result to stop. */
  add(principal: KnownPrincipal, onEnd: (why: Refusal) => void): () => void
  revoked(revocation: Revocation): void
  /** Revocations were missed: every credential is looked up. */
  missed(): void
  /** Ends what has expired, and looks up what could not be looked up before. */
  tick(): void
  readonly size: number
}

interface Watch {
  readonly principal: KnownPrincipal
  readonly onEnd: (why: Refusal) => void
  expiresAt: number | null
}

export type WatchesOptions = Pick<AccountParts, 'store' | 'clock' | 'policy' | 'logger'>

export function createWatches(options: WatchesOptions): Watches {
  const { clock, logger } = options
  const watches = new Set<Watch>()
  const bySubject = createSubjectIndex<Watch>()
  const checks = createStandingChecks<Watch>(options, (watch, standing) => {
    if (standing instanceof Refusal) end(watch, standing)
    else watch.expiresAt = earlier(watch.expiresAt, standing.expiresAt)
  })

  function remove(watch: Watch): boolean {
    checks.drop(watch)
    bySubject.remove(watch, watch.principal)
    return watches.delete(watch)
  }

  function end(watch: Watch, why: Refusal): void {
    if (!remove(watch)) return
    try {
      watch.onEnd(why)
    } catch (error) {
      logger.error({ error: String(error) }, 'Who was told that a credential has ended threw.')
    }
  }

  return {
    add(principal, onEnd) {
      const watch: Watch = { principal, onEnd, expiresAt: principal.expiresAt }
      watches.add(watch)
      bySubject.add(watch, principal)
      // It may have ended between the look-up that let it in and now.
      checks.ask([watch])
      return () => void remove(watch)
    },

    revoked(revocation) {
      const affected = bySubject.of(revocation)
      if (!revocation.ends) return checks.ask(affected)
      for (const watch of affected) {
        end(watch, new Refusal('SESSION_REVOKED', 'The session or key was revoked: sign in again.'))
      }
    },

    missed: () => checks.ask(watches),

    tick() {
      const now = clock.now()
      for (const watch of watches) {
        if (watch.expiresAt === null || now < watch.expiresAt) continue
        end(watch, new Refusal('UNAUTHENTICATED', 'The credential has expired.'))
      }
      checks.ask([])
    },

    get size() {
      return watches.size
    },
  }
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}
