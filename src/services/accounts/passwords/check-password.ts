import { RateLimitedError } from '../../../core/errors.ts'
import type { FailureKey } from '../limits/credential-failures.ts'
import type { AccountParts } from '../parts.ts'

export interface PasswordAttempt {
  readonly password: string
  /** `null`: no password is right. */
  readonly hash: string | null
  /** Whose failure it is until the caller says that it was right. */
  readonly keys: readonly FailureKey[]
  /** Whether whoever tries is known: then strangers do not take their place at the hasher. */
  readonly known: boolean
}

/**
 * Whether the password is right: one counted attempt, one hash, whatever there is to compare with. Throws a
 * `RateLimitedError` when a key has to wait or too many passwords are being checked; in that case nothing is counted.
 */
export async function checkPassword(
  { failures, hasher }: Pick<AccountParts, 'failures' | 'hasher'>,
  { password, hash, keys, known }: PasswordAttempt,
): Promise<boolean> {
  await failures.begin(...keys)
  try {
    return await hasher.verify(password, hash, { known })
  } catch (error) {
    if (error instanceof RateLimitedError) await failures.withdraw(...keys)
    throw error
  }
}
