import { Refusal } from '../../../core/errors.ts'
import type { SignedIn } from '../entered.ts'
import type { AccountParts } from '../parts.ts'
import type { Asker } from './attach-identity.ts'
import { enterByIdentity } from './enter-by-identity.ts'
import { issueCode, type ProvenIdentity } from './hand-off.ts'
import { codeAddress, linkedAddress, mfaAddress, refusedAddress } from './landing.ts'
import { linkIdentity } from './link-identity.ts'
import { noteRefusals } from './note-refusals.ts'
import { type OAuthTransaction, takeTransaction } from './oauth-transaction.ts'
import { callbackUrl } from './oauth-wish.ts'

/** The provider's answer as the browser brings it. */
export interface OAuthCallback {
  /** The provider in the path. */
  readonly provider: string
  /** The query string, without its question mark. */
  readonly search: string
}

/** Where the browser goes next. */
export interface OAuthStep {
  /** A whole address: of the provider, or where somebody wanted to be led back to. */
  readonly address: string
  /** The session that has been started in this browser on the way. */
  readonly signedIn: SignedIn | null
}

/** `OAuthSignIn.finishOAuth`. The transaction is used up before anything else, whatever comes of it. */
export async function finishOAuth(
  parts: AccountParts,
  { provider, search }: OAuthCallback,
  asker: Asker,
): Promise<OAuthStep> {
  const state = new URLSearchParams(search).get('state') ?? ''
  const transaction = await takeTransaction(parts, state, asker.client.device)
  // Nobody knows where it was to lead back to: it is of another browser, was used, took too long, or never was.
  if (transaction === null) {
    const way = { redirectTo: parts.policy.appUrl(), codeChallenge: null }
    return { address: refusedAddress(way, 'INVALID_CHALLENGE'), signedIn: null }
  }
  const { link } = transaction
  const event = link === null ? 'SIGN_IN_FAILED' : 'IDENTITY_LINKED'
  const attempt = { event, provider: transaction.provider, subjectId: link?.userId ?? null, ...asker } as const
  try {
    return await noteRefusals(parts, attempt, async () => {
      const proven = await redeem(parts, transaction, { provider, search })
      return land(parts, transaction, proven, asker)
    })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { address: refusedAddress(transaction, error.code), signedIn: null }
  }
}

async function redeem(
  parts: AccountParts,
  { provider, checks }: OAuthTransaction,
  callback: OAuthCallback,
): Promise<ProvenIdentity> {
  // One provider's answer is not taken for another's (RFC 9700 §4.4).
  if (callback.provider !== provider) {
    throw new Refusal('INVALID_CHALLENGE', 'The sign-in was begun with another provider.')
  }
  const redirectUri = callbackUrl(parts, provider)
  const address = new URL(redirectUri)
  address.search = callback.search
  return { provider, identity: await parts.providers.redeem(provider, checks, address, redirectUri) }
}

async function land(
  parts: AccountParts,
  transaction: OAuthTransaction,
  proven: ProvenIdentity,
  asker: Asker,
): Promise<OAuthStep> {
  const { codeChallenge, link } = transaction
  if (codeChallenge !== null) {
    return { address: codeAddress(transaction, await issueCode(parts, proven, codeChallenge)), signedIn: null }
  }
  if (link !== null) {
    const { present } = asker
    // The session that asked, in the browser that asked.
    if (present.kind !== 'user' || present.sessionId !== link.sessionId) {
      throw new Refusal('INVALID_CHALLENGE', 'The session that the provider was to be linked in has ended.')
    }
    await parts.store.write((records) => linkIdentity(parts, records, link.userId, { ...proven, ...asker }))
    return { address: linkedAddress(transaction, proven.provider), signedIn: null }
  }
  const entered = await enterByIdentity(parts, { ...proven, ...asker, delivery: 'COOKIE' })
  if (entered.kind === 'MFA_REQUIRED') return { address: mfaAddress(transaction, entered), signedIn: null }
  return { address: transaction.redirectTo, signedIn: entered }
}
