import { InvalidInputError } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { secondFactorsOf } from '../factors/second-factors.ts'
import { voidChallenges } from '../factors/void-challenges.ts'
import { readEmailAddress } from '../entry/email-address.ts'
import { networkOf, signInKeys } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import { askForMail, type EmailAnswer } from './ask-for-mail.ts'
import { dropUnprovenWaysIn } from './drop-unproven-ways-in.ts'
import { createMailTokenUse, invalidToken, type LinkHolder } from './mail-token-use.ts'
import { voidMailTokens } from './mail-tokens.ts'

export interface PasswordResetInput {
  readonly token: string
  readonly newPassword: string
}

/** Setting a password by a link in a mail: a new one, or the first one of an account that had none. */
export interface PasswordReset {
  /**
   * Mails a link if there is an account with that address; what is done and answered is the same if there is none. Throws
   * `InvalidInputError` for what is no address, and `RateLimitedError`.
   */
  requestPasswordReset(email: string, client: ClientInfo): Promise<EmailAnswer>
  /**
   * Sets the password of the account that the link is of, ends all of its sessions and open challenges, and confirms its
   * address. Nobody is signed in by it, and a second factor is asked for as before. Throws `INVALID_TOKEN`,
   * `InvalidInputError` (the link still works then), and `RateLimitedError`.
   */
  resetPassword(input: PasswordResetInput, client: ClientInfo, principal: Principal): Promise<EmailAnswer>
}

export function createPasswordReset(parts: AccountParts): PasswordReset {
  const { hasher } = parts
  const tokens = createMailTokenUse(parts)

  return {
    requestPasswordReset: (email, client) => askForMail(parts, { kind: 'PASSWORD_RESET', email, client }),

    async resetPassword({ token, newPassword }, client, by) {
      const link = { token, purpose: 'PASSWORD_RESET', client } as const
      const context = await tokens.check(link, async (records, { user }) => {
        const { methods } = await secondFactorsOf(records, user.id)
        return { email: user.email, displayName: user.displayName, hasSecondFactor: methods.length > 0 }
      })
      const weakness = await parts.judgePassword(newPassword, context)
      if (weakness !== null) throw new InvalidInputError([{ path: ['newPassword'], message: weakness }])
      const passwordHash = await hasher.hash(newPassword)
      return tokens.use(link, (records, holder) => reset(parts, records, { holder, passwordHash, by, client }))
    },
  }
}

interface Reset {
  readonly holder: LinkHolder
  readonly passwordHash: string
  readonly by: Principal
  readonly client: ClientInfo
}

async function reset(
  parts: AccountParts,
  records: Records,
  { holder: { user, email }, passwordHash, by, client }: Reset,
): Promise<EmailAnswer> {
  const { clock, audit, mail } = parts
  if (user.email !== email) throw invalidToken()
  const now = clock.now()
  await records.accounts.setPasswordHash(user.id, passwordHash)
  if (user.emailVerifiedAt === null) {
    await records.accounts.setEmailVerified(user.id, now)
    await dropUnprovenWaysIn(parts, records, { user, by, client })
  }
  await voidChallenges(records, user.id, now)
  // Whoever had got in may have begun to take the address over as well.
  await voidMailTokens(records, user.id, ['PASSWORD_RESET', 'EMAIL_CHANGE', 'EMAIL_VERIFICATION'], now)
  await endSessions(records, user.id, now, null)
  await letIn(parts, records, email, client)
  await audit(records, { event: 'PASSWORD_RESET', by, client, subjectId: user.id })
  await mail(records, email, { kind: 'PASSWORD_CHANGED' })
  return { email }
}

/** The failures of others with the old password do not keep the owner out, wherever they counted. */
async function letIn(
  { failures }: AccountParts,
  records: Records,
  email: string,
  { ip, device }: ClientInfo,
): Promise<void> {
  const account = readEmailAddress(email)?.key ?? email
  const origin = { account, network: networkOf(ip) }
  await failures.succeed(records, ...signInKeys({ ...origin, knownDevice: null }))
  if (device !== null) await failures.succeed(records, ...signInKeys({ ...origin, knownDevice: device }))
}
