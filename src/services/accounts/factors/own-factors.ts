import type { MfaMethod } from '../../../core/auth-method.ts'
import { Refusal } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { grantedScopes } from '../authentication/granted-scopes.ts'
import type { AccountParts } from '../parts.ts'
import { type SessionPrincipal, sessionOf } from '../session-of.ts'
import { freshUntil, requireFresh } from './freshness.ts'
import { giveRecoveryCodes } from './recovery-codes.ts'
import { secondFactorsOf } from './second-factors.ts'

/** How somebody's second factors stand. */
export interface MfaStatus {
  /** What can be shown after a first factor; empty: there is no second one. */
  readonly methods: readonly MfaMethod[]
  readonly recoveryCodesLeft: number
  /** Whether the operator asks this user for a second factor. */
  readonly required: boolean
  /** How many factors were shown in the present session. */
  readonly assurance: 1 | 2
  /** Until when they last for what is guarded; `null`: a second factor has to be shown first. May be past. */
  readonly freshUntil: number | null
}

/** Somebody's own second factors. */
export interface OwnFactors {
  /** Throws `FORBIDDEN` for an API key. */
  mfaStatus(principal: Principal): Promise<MfaStatus>
  /**
   * A new set of recovery codes, to be shown once; the old ones are void. Throws `STEP_UP_REQUIRED`, `NOT_ENROLLED` where
   * there is no factor that they could stand in for, and `FORBIDDEN` for an API key.
   */
  regenerateRecoveryCodes(principal: Principal, client: ClientInfo): Promise<readonly string[]>
}

export function createOwnFactors(parts: AccountParts): OwnFactors {
  const { store, clock, policy } = parts

  return {
    async mfaStatus(principal) {
      const own = sessionOf(principal)
      return store.read((records) => mfaStatusOf(records, own, policy))
    },

    async regenerateRecoveryCodes(principal, client) {
      const own = sessionOf(principal)
      return store.write(async (records) => {
        await requireFresh(records, own, clock.now())
        const { methods } = await secondFactorsOf(records, own.userId)
        if (methods.length === 0) throw new Refusal('NOT_ENROLLED', 'Set up a second factor first.')
        return giveRecoveryCodes(parts, records, { userId: own.userId, by: principal, client })
      })
    },
  }
}

/** `OwnFactors.mfaStatus`, also within a transaction that changes it. */
export async function mfaStatusOf(
  records: Records,
  principal: SessionPrincipal,
  policy: AccountParts['policy'],
): Promise<MfaStatus> {
  const { methods } = await secondFactorsOf(records, principal.userId)
  // The transaction may have changed it.
  const session = (await records.accounts.findSession(principal.sessionId)) ?? principal
  return {
    methods,
    recoveryCodesLeft: await records.factors.countRecoveryCodes(principal.userId),
    required: grantedScopes(principal, { assurance: 1 }, policy).mustEnrol,
    assurance: session.assurance,
    freshUntil: freshUntil(session, methods.length > 0),
  }
}
