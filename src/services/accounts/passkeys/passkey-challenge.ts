import { newSecret } from '../../../core/secrets.ts'
import type { Delivery } from '../../../ports/accounts/account-records.ts'
import type { OneTimeTokenRecord } from '../../../ports/accounts/one-time-tokens.ts'
import type { Records, Store } from '../../../ports/store.ts'
import { newOneTimeToken, takeToken, type TokenUse } from '../one-time-token.ts'

/** A ceremony that has been begun, for `navigator.credentials`. */
export interface PasskeyChallenge {
  /** What finishes it, once. */
  readonly challengeToken: string
  readonly options: Readonly<Record<string, unknown>>
  readonly expiresAt: number
}

/** What a challenge was made for; one is never taken for another. */
export type PasskeyPurpose =
  | { readonly purpose: 'PASSKEY_REGISTRATION'; readonly userId: string; readonly sessionId: string }
  /** `device`: that of the browser it is bound to. */
  | { readonly purpose: 'PASSKEY_SIGN_IN'; readonly delivery: Delivery; readonly device: string | null }

/** A challenge that was shown and is used up. */
export interface TakenChallenge {
  /** Base64url. */
  readonly challenge: string
  readonly userId: string | null
  readonly sessionId: string | null
  readonly delivery: Delivery | null
}

/** What the token remembers. */
interface StoredChallenge {
  readonly challenge: string
  readonly sessionId?: string
  readonly delivery?: Delivery
}

const lifetimeMs = 5 * 60 * 1000

/** Enters a new challenge of 32 random bytes, for five minutes, in the caller's transaction. */
export async function enterChallenge(
  { oneTimeTokens }: Records,
  asked: PasskeyPurpose,
  now: number,
): Promise<Omit<PasskeyChallenge, 'options'> & { readonly challenge: string }> {
  const challenge = newSecret(32)
  const isSignIn = asked.purpose === 'PASSKEY_SIGN_IN'
  const data: StoredChallenge = isSignIn
    ? { challenge, delivery: asked.delivery }
    : { challenge, sessionId: asked.sessionId }
  const { token, record } = newOneTimeToken({
    purpose: asked.purpose,
    userId: isSignIn ? null : asked.userId,
    boundTo: isSignIn && asked.delivery === 'COOKIE' ? asked.device : null,
    data: { ...data },
    now,
    lifetimeMs,
  })
  await oneTimeTokens.insert(record)
  return { challengeToken: token, challenge, expiresAt: record.expiresAt }
}

/** Uses a challenge up, which must be done before anything is verified (WebAuthn §13.4.3); `null` for one that does not work. */
export async function takeChallenge(
  store: Store,
  token: string,
  expected: TokenUse & Pick<PasskeyPurpose, 'purpose'>,
): Promise<TakenChallenge | null> {
  const taken = await takeToken(store, token, expected)
  return taken === null ? null : readChallenge(taken)
}

function readChallenge({ userId, data }: OneTimeTokenRecord): TakenChallenge {
  const { challenge, sessionId = null, delivery = null } = JSON.parse(data) as StoredChallenge // as it was entered
  return { challenge, userId, sessionId, delivery }
}
