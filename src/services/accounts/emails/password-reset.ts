import { InvalidInputError } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { forgetFactorFailures } from '../factors/factor-attempts.ts'
import { secondFactorsOf } from '../factors/second-factors.ts'
import { voidChallenges } from '../factors/void-challenges.ts'
import { readEmailAddress } from '../entry/email-address.ts'
import { takeOver } from '../entry/take-over.ts'
import { networkOf, signInKeys } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import { currentPasswordKey } from '../passwords/change-password.ts'
import { passwordContextOf } from '../passwords/password-context.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import { askForMail, type EmailAnswer } from './ask-for-mail.ts'
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
   * Sets the password of the account that the link is of, and ends all of its sessions and open challenges. Nobody is signed
   * in by it, and a second factor is asked for as before. An account without one whose address nobody had confirmed is taken
   * over (`takeOver`), with nothing left in it that could let somebody in. Throws `INVALID_TOKEN`, `InvalidInputError` (the link
   * still works then), and `RateLimitedError`.
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
        const found = await passwordContextOf(parts, records, user)
        // Who made an account that nobody has confirmed may be another: the strict rule holds.
        return user.emailVerifiedAt === null ? { ...found, isMfaEnforced: false } : found
      })
      const weakness = await parts.judgePassword(newPassword, context)
      if (weakness !== null) throw new InvalidInputError([{ path: ['newPassword'], message: weakness }])
      const passwordHash = await hasher.hash(newPassword, { known: true })
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
  const { methods } = await secondFactorsOf(records, user.id)
  // Reading a mail gets nobody past a second factor (ASVS 6.4.3), also where it may be that of who made the account first:
  // then it stays theirs, and unconfirmed.
  const isTakenOver = user.emailVerifiedAt === null && methods.length === 0
  if (isTakenOver) await takeOver(parts, records, user, { by, client, provider: null })
  await records.accounts.setPasswordHash(user.id, passwordHash)
  await voidChallenges(records, user.id, now)
  // Whoever had got in may have begun to take the address over as well.
  await voidMailTokens(records, user.id, ['PASSWORD_RESET', 'EMAIL_CHANGE', 'EMAIL_VERIFICATION'], now)
  await endSessions(records, user.id, now, null)
  await letIn(parts, records, user, client)
  // The browser of whoever had got in is one of them.
  await records.devices.removeAll(user.id)
  await audit(records, { event: 'PASSWORD_RESET', by, client, subjectId: user.id })
  await mail(records, email, { kind: 'PASSWORD_CHANGED' })
  return { email }
}

/** The failures of others, with the old password and with codes after it, do not keep the owner out, wherever they counted. */
async function letIn(
  parts: AccountParts,
  records: Records,
  { id, email }: UserRecord,
  { ip, device }: ClientInfo,
): Promise<void> {
  const { failures } = parts
  const account = readEmailAddress(email)?.key ?? email
  const origin = { account, network: networkOf(ip) }
  await failures.succeed(records, ...signInKeys({ ...origin, knownDevice: null }))
  const known = await records.devices.of(id)
  for (const knownDevice of device === null ? known : [...known, device])
    await failures.succeed(records, ...signInKeys({ ...origin, knownDevice }))
  await failures.succeed(records, currentPasswordKey(id))
  await forgetFactorFailures(parts, records, id)
}
