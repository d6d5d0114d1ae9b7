import { InvalidInputError, Refusal } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { Delivery } from '../../../ports/accounts/account-records.ts'
import type { ClientInfo } from '../client-info.ts'
import type { Entered } from '../entered.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import { finishOAuth, type OAuthCallback, type OAuthStep } from './finish-oauth.ts'
import { enterByIdentity } from './enter-by-identity.ts'
import { type HandOffInput, redeemCode } from './hand-off.ts'
import { refusedAddress } from './landing.ts'
import { noteRefusals } from './note-refusals.ts'
import { beginTransaction } from './oauth-transaction.ts'
import { type OAuthInput, oauthLink, readOAuthWish } from './oauth-wish.ts'

export interface OAuthStartInput extends OAuthInput {
  readonly delivery: Delivery
}

/** Coming in by a provider. Of what a provider gives to act for its user nothing is kept. */
export interface OAuthSignIn {
  /**
   * The address that the browser is to be sent to. For a browser's session it is the provider's, and the transaction is
   * bound to the client's device. For tokens it is one of this server, which starts the transaction in the browser that
   * opens it. Throws `UNKNOWN_PROVIDER`, `PROVIDER_FAILED`, `InvalidInputError`, `RateLimitedError`.
   */
  startOAuthSignIn(input: OAuthStartInput, client: ClientInfo): Promise<string>
  /**
   * Starts a transaction in the browser that asks, which must have a device. What fails at the provider leads back, with the
   * code of the refusal. Throws `UNKNOWN_PROVIDER`, `InvalidInputError`, `RateLimitedError`.
   */
  openOAuth(input: OAuthInput, client: ClientInfo): Promise<OAuthStep>
  /** Takes what the provider's answer led to, once, in the browser that was sent there. Throws `RateLimitedError`. */
  finishOAuth(callback: OAuthCallback, client: ClientInfo, present: Principal): Promise<OAuthStep>
  /**
   * Signs in with the code that the browser got for a program. Throws `INVALID_TOKEN`, `RateLimitedError`, and as
   * `enterByIdentity` does.
   */
  exchangeOAuthCode(input: HandOffInput, client: ClientInfo, present: Principal): Promise<Entered>
}

export function createOAuthSignIn(parts: AccountParts): OAuthSignIn {
  const count = ({ ip }: ClientInfo) => parts.limiters.oauthByNetwork.consume(networkOf(ip))

  return {
    async startOAuthSignIn({ delivery, ...input }, client) {
      await count(client)
      const wish = readOAuthWish(parts, input)
      if ((wish.codeChallenge !== null) !== (delivery === 'TOKENS')) throw challengeForTokens()
      return wish.codeChallenge === null ? beginTransaction(parts, wish, client.device, null) : oauthLink(parts, wish)
    },

    async openOAuth(input, client) {
      await count(client)
      const wish = readOAuthWish(parts, input)
      try {
        return { address: await beginTransaction(parts, wish, client.device, null), signedIn: null }
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return { address: refusedAddress(wish, error.code), signedIn: null }
      }
    },

    async finishOAuth(callback, client, present) {
      await count(client)
      return finishOAuth(parts, callback, { client, present })
    },

    async exchangeOAuthCode(input, client, present) {
      await count(client)
      const proven = await redeemCode(parts, input)
      const attempt = { event: 'SIGN_IN_FAILED', provider: proven.provider, subjectId: null, client, present } as const
      return noteRefusals(parts, attempt, () =>
        enterByIdentity(parts, { ...proven, delivery: 'TOKENS', client, present }),
      )
    },
  }
}

function challengeForTokens(): InvalidInputError {
  const message = 'Delivery TOKENS needs one, and COOKIE has no use for it.'
  return new InvalidInputError([{ path: ['codeChallenge'], message }])
}
