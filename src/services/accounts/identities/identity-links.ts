import { InvalidInputError, NotFoundError } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { IdentityRecord } from '../../../ports/accounts/identities.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { requireFresh } from '../factors/freshness.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import { type SessionPrincipal, sessionOf } from '../session-of.ts'
import { userIdOf } from '../user-id-of.ts'
import { assertWayIn } from '../assert-way-in.ts'
import { type HandOffInput, redeemCode } from './hand-off.ts'
import { linkIdentity } from './link-identity.ts'
import { noteRefusals } from './note-refusals.ts'
import { beginTransaction } from './oauth-transaction.ts'
import { type OAuthInput, oauthLink, readOAuthWish } from './oauth-wish.ts'

/** An account at a provider, as the user whom it is linked to may see it. */
export interface Identity extends Omit<IdentityRecord, 'userId' | 'subject'> {
  readonly providerName: string
}

/** The accounts at providers that a user's account is linked to. */
export interface IdentityLinks {
  /** Those of the principal's user, oldest first. */
  identities(principal: Principal): Promise<readonly Identity[]>
  /**
   * The address that the browser is to be sent to, to link a further account. A session of delivery TOKENS needs a
   * `codeChallenge`, and ends by `finishIdentityLink`. Throws `STEP_UP_REQUIRED`, `UNKNOWN_PROVIDER`, `PROVIDER_FAILED`,
   * `InvalidInputError`, `RateLimitedError`.
   */
  startIdentityLink(input: OAuthInput, client: ClientInfo, principal: Principal): Promise<string>
  /** Links the account that the code stands for. Throws `STEP_UP_REQUIRED`, `INVALID_TOKEN`, `IDENTITY_TAKEN`, `RateLimitedError`. */
  finishIdentityLink(input: HandOffInput, client: ClientInfo, principal: Principal): Promise<Identity>
  /** Throws `STEP_UP_REQUIRED`, `NOT_FOUND` and `LAST_WAY_IN`. */
  unlinkIdentity(id: string, client: ClientInfo, principal: Principal): Promise<Identity>
}

export function createIdentityLinks(parts: AccountParts): IdentityLinks {
  const { store, clock, limiters } = parts
  const count = ({ ip }: ClientInfo) => limiters.oauthByNetwork.consume(networkOf(ip))
  const show = (record: IdentityRecord) => toIdentity(parts, record)

  return {
    async identities(principal) {
      const userId = userIdOf(principal)
      const own = await store.read(({ identities }) => identities.of(userId))
      return own.map(show)
    },

    async startIdentityLink(input, client, principal) {
      const session = sessionOf(principal)
      await count(client)
      await store.read(async (records) => {
        await requireFresh(records, session, clock.now())
        await assertWayBack(records, session, input)
      })
      const wish = readOAuthWish(parts, input)
      return wish.codeChallenge === null
        ? beginTransaction(parts, wish, client.device, session)
        : oauthLink(parts, wish)
    },

    async finishIdentityLink(input, client, principal) {
      const session = sessionOf(principal)
      await count(client)
      await store.read((records) => requireFresh(records, session, clock.now()))
      const proven = await redeemCode(parts, input)
      const { userId: subjectId } = session
      const asked = { ...proven, client, present: session }
      return noteRefusals(parts, { event: 'IDENTITY_LINKED', subjectId, ...asked }, async () =>
        show(await store.write((records) => linkIdentity(parts, records, subjectId, asked))),
      )
    },

    unlinkIdentity: async (id, client, principal) => unlink(parts, id, client, sessionOf(principal)),
  }
}

async function unlink(
  parts: AccountParts,
  id: string,
  client: ClientInfo,
  session: SessionPrincipal,
): Promise<Identity> {
  const { store, clock, audit, mail } = parts
  const { userId } = session
  return store.write(async (records) => {
    await requireFresh(records, session, clock.now())
    const identity = (await records.identities.of(userId)).find((own) => own.id === id)
    if (identity === undefined) throw new NotFoundError('identity')
    await records.identities.remove(userId, id)
    await assertWayIn(parts, records, userId)
    const { provider } = identity
    const details = { provider }
    await audit(records, { event: 'IDENTITY_UNLINKED', by: session, client, subjectId: userId, details })
    const user = await records.accounts.findUser(userId)
    if (user !== null) await mail(records, user.email, { kind: 'IDENTITY_UNLINKED', provider })
    return toIdentity(parts, identity)
  })
}

/** The browser brings no session of delivery TOKENS back: what comes of it must go to the program that has it. */
async function assertWayBack(
  { accounts }: Records,
  { sessionId }: SessionPrincipal,
  { codeChallenge = null }: OAuthInput,
): Promise<void> {
  const session = await accounts.findSession(sessionId)
  if (session?.delivery !== 'TOKENS' || codeChallenge !== null) return
  throw new InvalidInputError([{ path: ['codeChallenge'], message: 'A session of delivery TOKENS needs one.' }])
}

function toIdentity(
  { providers }: Pick<AccountParts, 'providers'>,
  { id, provider, email, createdAt, lastUsedAt }: IdentityRecord,
): Identity {
  const providerName = providers.list.find(({ name }) => name === provider)?.displayName ?? provider
  return { id, provider, providerName, email, createdAt, lastUsedAt }
}
