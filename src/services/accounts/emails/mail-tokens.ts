import type { OneTimeTokenRecord, TokenPurpose } from '../../../ports/accounts/one-time-tokens.ts'
import type { Records } from '../../../ports/store.ts'
import { newOneTimeToken } from '../one-time-token.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** What links in mails are for, and how long each works, in ms. A reset no longer than an hour (ASVS 6.4.1). */
const mailTokenLifetimes = {
  EMAIL_VERIFICATION: day,
  PASSWORD_RESET: hour,
  EMAIL_CHANGE: day,
  EMAIL_CHANGE_UNDO: 7 * day,
} as const satisfies Partial<Record<TokenPurpose, number>>

export type MailTokenPurpose = keyof typeof mailTokenLifetimes

export interface MailTokenFacts {
  readonly purpose: MailTokenPurpose
  readonly userId: string
  /** The address that the link proves, or leads back to. */
  readonly email: string
  readonly now: number
}

/**
 * Enters the token of a link, in the caller's transaction. The user's older ones of that purpose do not work any more, but
 * for those that take a change of address back: who takes an account over must not end them by one change more.
 */
export async function enterMailToken({ oneTimeTokens }: Records, facts: MailTokenFacts): Promise<string> {
  const { purpose, userId, email, now } = facts
  const lifetimeMs = mailTokenLifetimes[purpose]
  const { token, record } = newOneTimeToken({ purpose, userId, data: { email }, now, lifetimeMs })
  if (purpose !== 'EMAIL_CHANGE_UNDO') await oneTimeTokens.voidAll(userId, purpose, now)
  await oneTimeTokens.insert(record)
  return token
}

/** The address of a link's token. */
export function mailTokenEmail({ id, data }: OneTimeTokenRecord): string {
  const parsed: unknown = JSON.parse(data)
  if (typeof parsed === 'object' && parsed !== null && 'email' in parsed && typeof parsed.email === 'string') {
    return parsed.email
  }
  throw new TypeError(`The token ${id} has no address.`)
}

/** Makes links void, in the transaction of a change that they must not outlive. */
export async function voidMailTokens(
  { oneTimeTokens }: Records,
  userId: string,
  purposes: readonly MailTokenPurpose[],
  now: number,
): Promise<void> {
  for (const purpose of purposes) await oneTimeTokens.voidAll(userId, purpose, now)
}
