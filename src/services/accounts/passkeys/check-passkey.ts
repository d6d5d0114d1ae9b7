import { anonymous } from '../../../core/principal.ts'
import type { PasskeyRecord } from '../../../ports/accounts/passkeys.ts'
import type { PasskeyAssertion } from '../../../ports/passkey-ceremonies.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { AccountParts } from '../parts.ts'

/** What a passkey is asked to prove. Who asks has used the challenge up before. */
export interface PasskeyAsk {
  /** What `navigator.credentials.get()` gave, as JSON. */
  readonly response: unknown
  /** Base64url. */
  readonly challenge: string
  /** Whose passkey it must be; `null`: anybody's, and the passkey itself must say whose it is. */
  readonly userId: string | null
  readonly requireUserVerification: boolean
  /** For the log, where a passkey turns out to be a copy. */
  readonly client?: ClientInfo
}

/** A passkey that answered the challenge. */
export interface CheckedPasskey {
  readonly userId: string
  readonly passkeyId: string
  readonly userVerified: boolean
  /** Notes the use in the caller's transaction (compare-and-set on the counter); `false`: somebody else used, flagged or removed it meanwhile. */
  commit(records: Records): Promise<boolean>
}

/**
 * Reads and verifies; call it outside a transaction. `null`, whatever the reason, when the response proves nothing. A counter
 * that does not grow may be that of a copy: the passkey is flagged, its owner is told, and it is not accepted any more
 * (WebAuthn §6.1.1).
 */
export type CheckPasskey = (ask: PasskeyAsk) => Promise<CheckedPasskey | null>

type CheckParts = Pick<AccountParts, 'store' | 'ceremonies' | 'clock' | 'audit' | 'mail'>

export function createPasskeyCheck(parts: CheckParts): CheckPasskey {
  const { store, ceremonies, clock } = parts

  return async ({ response, userId, client = null, ...expected }) => {
    const named = ceremonies.credentialOf(response)
    const passkey = named === null ? null : await store.read((records) => findUsable(records, named, userId))
    if (passkey === null) return null
    const { id, counter, credentialId, publicKey } = passkey
    const assertion = await ceremonies.verifyAuthentication(response, { ...expected, credentialId, publicKey })
    if (assertion === null || assertion.backupEligible !== passkey.backupEligible) return null
    if (!hasGrown(counter, assertion)) {
      await store.write((records) => suspect(parts, records, passkey, client))
      return null
    }
    return {
      userId: passkey.userId,
      passkeyId: id,
      userVerified: assertion.userVerified,
      commit: ({ passkeys }) => {
        const { backedUp } = assertion
        return passkeys.use(id, counter, { counter: assertion.counter, backedUp, lastUsedAt: clock.now() })
      },
    }
  }
}

/** The passkey that the response names, if it may be used by whom it says it is of. */
async function findUsable(
  { passkeys }: Records,
  named: { readonly credentialId: string; readonly userHandle: string | null },
  userId: string | null,
): Promise<PasskeyRecord | null> {
  const passkey = await passkeys.findByCredentialId(named.credentialId)
  if (passkey?.flaggedAt !== null) return null
  if (userId !== null && passkey.userId !== userId) return null
  // Whoever was asked for by name may leave the handle out; otherwise it is what says who it is (WebAuthn §7.2 step 6).
  if (named.userHandle === null) return userId === null ? null : passkey
  return (await passkeys.userOfHandle(named.userHandle)) === passkey.userId ? passkey : null
}

/** Authenticators without a counter always say 0. */
function hasGrown(stored: number, { counter }: PasskeyAssertion): boolean {
  return counter > stored || (counter === 0 && stored === 0)
}

async function suspect(
  { clock, audit, mail }: CheckParts,
  records: Records,
  { credentialId }: PasskeyRecord,
  client: ClientInfo | null,
): Promise<void> {
  const passkey = await records.passkeys.findByCredentialId(credentialId)
  // Of several such responses at once the first one tells.
  if (passkey?.flaggedAt !== null) return
  const { id, userId, name } = passkey
  await records.passkeys.flag(id, clock.now())
  await audit(records, {
    event: 'PASSKEY_SUSPECTED',
    outcome: 'FAILURE',
    by: anonymous,
    client,
    subjectId: userId,
    methods: ['PASSKEY'],
    details: { passkeyId: id },
  })
  const user = await records.accounts.findUser(userId)
  if (user !== null) await mail(records, user.email, { kind: 'PASSKEY_SUSPECTED', name })
}
