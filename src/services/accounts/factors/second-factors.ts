import type { MfaMethod } from '../../../core/auth-method.ts'
import type { PasskeyRecord } from '../../../ports/accounts/passkeys.ts'
import type { Records } from '../../../ports/store.ts'

/** What a user can show after a first factor. */
export interface SecondFactors {
  /** Empty: the user has none. */
  readonly methods: readonly MfaMethod[]
  readonly passkeys: readonly PasskeyRecord[]
}

/** The second factors of a user. Recovery codes stand in for one, and are none by themselves. */
export async function secondFactorsOf({ factors, passkeys }: Records, userId: string): Promise<SecondFactors> {
  const totp = await factors.findTotp(userId)
  const usable = (await passkeys.of(userId)).filter(({ flaggedAt }) => flaggedAt === null)
  const methods: MfaMethod[] = []
  if (totp !== null && totp.confirmedAt !== null) methods.push('TOTP')
  if (usable.length > 0) methods.push('PASSKEY')
  if (methods.length > 0 && (await factors.countRecoveryCodes(userId)) > 0) methods.push('RECOVERY_CODE')
  return { methods, passkeys: usable }
}
