import type { MfaMethod } from '../../../core/auth-method.ts'
import type { PasskeyRecord } from '../../../ports/accounts/passkeys.ts'
import type { Records } from '../../../ports/store.ts'

/** What a user can show after a first factor. */
export interface SecondFactors {
  /** Empty: the user has none. */
  readonly methods: readonly MfaMethod[]
  /** Those that are accepted. */
  readonly passkeys: readonly PasskeyRecord[]
}

/** The second factors of a user. Recovery codes stand in for one, and are none by themselves. */
export async function secondFactorsOf({ factors, passkeys }: Records, userId: string): Promise<SecondFactors> {
  const totp = await factors.findTotp(userId)
  const own = await passkeys.of(userId)
  const methods: MfaMethod[] = []
  if (totp !== null && totp.confirmedAt !== null) methods.push('TOTP')
  // A flagged one cannot be shown, but its owner is not to be let in with one factor because somebody copied it.
  if (own.length > 0) methods.push('PASSKEY')
  if (methods.length > 0 && (await factors.countRecoveryCodes(userId)) > 0) methods.push('RECOVERY_CODE')
  return { methods, passkeys: own.filter(({ flaggedAt }) => flaggedAt === null) }
}
