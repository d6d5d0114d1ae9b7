import { Refusal } from '../../../core/errors.ts'
import type { ProviderIdentity } from '../../../ports/identity-providers.ts'
import { newOneTimeToken, takeToken } from '../one-time-token.ts'
import type { AccountParts } from '../parts.ts'
import { isVerifierOf } from './code-challenge.ts'

/** The way from the browser to the program that sent it is short. */
const lifetimeMs = 60_000

/** Somebody whom a provider has confirmed. */
export interface ProvenIdentity {
  /** The provider's name. */
  readonly provider: string
  readonly identity: ProviderIdentity
}

interface StoredHandOff extends ProvenIdentity {
  readonly codeChallenge: string
}

/** What a program shows for what the browser got. */
export interface HandOffInput {
  readonly code: string
  readonly codeVerifier: string
}

type HandOffParts = Pick<AccountParts, 'store' | 'clock'>

/** A code for a proven identity, for who holds the verifier of the challenge. Nothing else has been decided yet. */
export async function issueCode(
  { store, clock }: HandOffParts,
  { provider, identity }: ProvenIdentity,
  codeChallenge: string,
): Promise<string> {
  const data: StoredHandOff = { provider, identity, codeChallenge }
  const { token, record } = newOneTimeToken({
    purpose: 'OAUTH_CODE',
    userId: null,
    data: { ...data },
    now: clock.now(),
    lifetimeMs,
  })
  await store.write(({ oneTimeTokens }) => oneTimeTokens.insert(record))
  return token
}

/** Uses a code up, also with a wrong verifier: whoever has that caught the code on its way. Throws `INVALID_TOKEN`. */
export async function redeemCode(
  { store, clock }: HandOffParts,
  { code, codeVerifier }: HandOffInput,
): Promise<ProvenIdentity> {
  const record = await takeToken(store, code, { purpose: 'OAUTH_CODE', device: null, now: clock.now() })
  if (record === null) throw wrongCode()
  const { codeChallenge, ...proven } = JSON.parse(record.data) as StoredHandOff // as it was entered
  if (!isVerifierOf(codeChallenge, codeVerifier)) throw wrongCode()
  return proven
}

function wrongCode(): Refusal {
  return new Refusal('INVALID_TOKEN', 'The code does not work: it is wrong, was used already, or has expired.')
}
