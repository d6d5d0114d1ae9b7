import { sha256 } from '../../../core/secrets.ts'
import type { Principal } from '../../../core/principal.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { type EmailAddress, readEmailAddress } from '../entry/email-address.ts'
import { requireFresh } from '../factors/freshness.ts'
import { voidChallenges } from '../factors/void-challenges.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import { type SessionPrincipal, sessionOf } from '../session-of.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import type { EmailAnswer } from './ask-for-mail.ts'
import { createMailTokenUse, invalidToken, type LinkHolder } from './mail-token-use.ts'
import { enterMailToken, voidMailTokens } from './mail-tokens.ts'
import { readEmailInput } from './read-email-input.ts'

/** Another email address for an account: asked for by its owner, confirmed at the new address, taken back from the old one. */
export interface EmailChange {
  /**
   * Mails a link to the new address. An address that has an account is answered the same; its owner gets a mail. Throws
   * `UNAUTHENTICATED`, `SESSION_REVOKED`, `FORBIDDEN`, `STEP_UP_REQUIRED`, `InvalidInputError`, `RateLimitedError`.
   */
  requestEmailChange(newEmail: string, client: ClientInfo, principal: Principal): Promise<EmailAnswer>
  /** Makes the new address that of the account; the old one gets the way back. Throws `INVALID_TOKEN` and `RateLimitedError`. */
  confirmEmailChange(token: string, client: ClientInfo, principal: Principal): Promise<EmailAnswer>
  /**
   * Gives the account its old address again, whatever it has now, and ends all of its sessions. Throws `INVALID_TOKEN` (also
   * where another account has the address by now) and `RateLimitedError`.
   */
  undoEmailChange(token: string, client: ClientInfo, principal: Principal): Promise<EmailAnswer>
}

export function createEmailChange(parts: AccountParts): EmailChange {
  const { store, limiters } = parts
  const tokens = createMailTokenUse(parts)

  return {
    async requestEmailChange(newEmail, client, principal) {
      const by = sessionOf(principal)
      const email = readEmailInput(newEmail, 'newEmail')
      await limiters.mailByNetwork.consume(networkOf(client.ip))
      await limiters.mailByAddress.consume(sha256(email.key))
      await store.write((records) => request(parts, records, { by, email, client }))
      return { email: email.address }
    },

    confirmEmailChange: (token, client, by) =>
      tokens.use({ token, purpose: 'EMAIL_CHANGE', client }, (records, holder) =>
        change(parts, records, { holder, by, client }),
      ),

    undoEmailChange: (token, client, by) =>
      tokens.use({ token, purpose: 'EMAIL_CHANGE_UNDO', client }, (records, holder) =>
        undo(parts, records, { holder, by, client }),
      ),
  }
}

/** The same records are read and written where the address has an account, but for what the mail says. */
async function request(
  { clock, audit, mail }: AccountParts,
  records: Records,
  { by, email, client }: { readonly by: SessionPrincipal; readonly email: EmailAddress; readonly client: ClientInfo },
): Promise<void> {
  const { userId } = by
  const now = clock.now()
  await requireFresh(records, by, now)
  const owner = await records.accounts.findUserByEmailKey(email.key)
  const token = await enterMailToken(records, { purpose: 'EMAIL_CHANGE', userId, email: email.address, now })
  const isTaken = owner !== null && owner.id !== userId
  if (isTaken) await mail(records, owner.email, { kind: 'EMAIL_HAS_ACCOUNT' })
  else await mail(records, email.address, { kind: 'EMAIL_CHANGE', token })
  await audit(records, { event: 'EMAIL_CHANGE_REQUESTED', by, client, subjectId: userId })
}

interface OpenedChange {
  readonly holder: LinkHolder
  readonly by: Principal
  readonly client: ClientInfo
}

async function change(
  { clock, audit, mail }: AccountParts,
  records: Records,
  { holder: { user, email }, by, client }: OpenedChange,
): Promise<EmailAnswer> {
  const { id: userId, email: oldEmail } = user
  const now = clock.now()
  await setEmail(records, userId, email, now)
  await voidMailTokens(records, userId, ['EMAIL_VERIFICATION', 'PASSWORD_RESET', 'EMAIL_CHANGE'], now)
  const token = await enterMailToken(records, { purpose: 'EMAIL_CHANGE_UNDO', userId, email: oldEmail, now })
  await mail(records, oldEmail, { kind: 'EMAIL_CHANGED', newEmail: email, token })
  await audit(records, { event: 'EMAIL_CHANGED', by, client, subjectId: userId })
  return { email }
}

async function undo(
  { clock, audit, mail }: AccountParts,
  records: Records,
  { holder: { user, email }, by, client }: OpenedChange,
): Promise<EmailAnswer> {
  const { id: userId, email: takenBack } = user
  const now = clock.now()
  await setEmail(records, userId, email, now)
  await voidChallenges(records, userId, now)
  await voidMailTokens(
    records,
    userId,
    ['EMAIL_VERIFICATION', 'PASSWORD_RESET', 'EMAIL_CHANGE', 'EMAIL_CHANGE_UNDO'],
    now,
  )
  await endSessions(records, userId, now, null)
  await audit(records, { event: 'EMAIL_CHANGE_UNDONE', by, client, subjectId: userId })
  for (const to of new Set([email, takenBack])) await mail(records, to, { kind: 'EMAIL_CHANGE_UNDONE' })
  return { email }
}

/** Whoever opened the link reads the mails of the address: it is confirmed. Throws `INVALID_TOKEN` where it is taken. */
async function setEmail({ accounts }: Records, userId: string, address: string, now: number): Promise<void> {
  const email = readEmailAddress(address)
  if (email === null || !(await accounts.setEmail(userId, email, now))) throw invalidToken()
}
