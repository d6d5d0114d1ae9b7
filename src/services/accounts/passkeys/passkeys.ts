import { NotFoundError } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { PasskeyRecord } from '../../../ports/accounts/passkeys.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { factorRemoved } from '../factors/factor-removed.ts'
import { requireFresh } from '../factors/freshness.ts'
import { assertWayIn } from '../assert-way-in.ts'
import type { AccountParts } from '../parts.ts'
import { sessionOf } from '../session-of.ts'
import { livingSession } from '../sessions/living-session.ts'
import { userIdOf } from '../user-id-of.ts'
import { type Passkey, toPasskey } from './outward-passkey.ts'
import { createPasskeySignIn, type PasskeySignIn } from './passkey-sign-in.ts'
import { createPasskeyRegistration, type PasskeyRegistration, readPasskeyName } from './register-passkey.ts'

/** A user's passkeys: setting them up, signing in with them, and looking after them. */
export interface Passkeys extends PasskeyRegistration, PasskeySignIn {
  /** The passkeys of the principal's user, oldest first. */
  passkeys(principal: Principal): Promise<readonly Passkey[]>
  /** Throws `InvalidInputError`, `NOT_FOUND`. */
  renamePasskey(
    input: { readonly id: string; readonly name: string },
    client: ClientInfo,
    principal: Principal,
  ): Promise<Passkey>
  /** The recovery codes go with the last second factor. Throws `STEP_UP_REQUIRED`, `NOT_FOUND`, `LAST_WAY_IN`. */
  removePasskey(id: string, client: ClientInfo, principal: Principal): Promise<Passkey>
}

export function createPasskeys(parts: AccountParts): Passkeys {
  const { store, clock, audit, mail } = parts

  return {
    ...createPasskeyRegistration(parts),
    ...createPasskeySignIn(parts),

    async passkeys(principal) {
      const userId = userIdOf(principal)
      const own = await store.read(({ passkeys }) => passkeys.of(userId))
      return own.map(toPasskey)
    },

    async renamePasskey({ id, name: text }, client, principal) {
      const session = sessionOf(principal)
      const name = readPasskeyName(text)
      return store.write(async (records) => {
        await livingSession(records, session, clock.now())
        const passkey = await findOwn(records, session.userId, id)
        await records.passkeys.rename(session.userId, id, name)
        const details = { passkeyId: id }
        await audit(records, { event: 'PASSKEY_RENAMED', by: session, client, subjectId: session.userId, details })
        return toPasskey({ ...passkey, name })
      })
    },

    async removePasskey(id, client, principal) {
      const session = sessionOf(principal)
      const { userId } = session
      return store.write(async (records) => {
        const now = clock.now()
        await requireFresh(records, session, now)
        const passkey = await findOwn(records, userId, id)
        const user = await records.accounts.findUser(userId)
        await records.passkeys.remove(userId, id)
        await assertWayIn(parts, records, userId)
        await factorRemoved(records, userId, now)
        const details = { passkeyId: id }
        await audit(records, { event: 'PASSKEY_REMOVED', by: session, client, subjectId: userId, details })
        const notice = { kind: 'FACTOR_REMOVED', factor: 'PASSKEY', name: passkey.name } as const
        if (user !== null) await mail(records, user.email, notice)
        return toPasskey(passkey)
      })
    },
  }
}

async function findOwn({ passkeys }: Records, userId: string, id: string): Promise<PasskeyRecord> {
  const passkey = (await passkeys.of(userId)).find((own) => own.id === id)
  if (passkey === undefined) throw new NotFoundError('passkey')
  return passkey
}
