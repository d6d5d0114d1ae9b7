import { InvalidInputError, Refusal } from '../../../core/errors.ts'
import type { Principal } from '../../../core/principal.ts'
import type { UserRecord } from '../../../ports/accounts/account-records.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { SignedIn } from '../entered.ts'
import { readEmailAddress } from '../entry/email-address.ts'
import { requireFresh } from '../factors/freshness.ts'
import { voidMailTokens } from '../emails/mail-tokens.ts'
import { voidChallenges } from '../factors/void-challenges.ts'
import { networkOf, signInKeys } from '../limits/limiter-keys.ts'
import type { AccountParts } from '../parts.ts'
import { type SessionPrincipal, sessionOf } from '../session-of.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import { livingSession } from '../sessions/living-session.ts'
import type { StartedSession } from '../sessions/start-session.ts'
import { checkPassword } from './check-password.ts'
import { passwordContextOf } from './password-context.ts'
import { attemptedPassword, type PasswordContext } from './password-policy.ts'

export interface ChangePasswordInput {
  /** Needed by who has one. */
  readonly currentPassword?: string | null | undefined
  readonly newPassword: string
  /** Whether the other sessions live on. */
  readonly keepOtherSessions: boolean
}

/** Setting a password. */
export interface PasswordChange {
  /**
   * Sets the password of the principal's account and gives their session new credentials; their other sessions end, unless
   * they are to be kept. Who has a password must show it; who has none must have shown a factor lately.
   * Throws `InvalidInputError`, `INVALID_CREDENTIALS`, `RateLimitedError`, `STEP_UP_REQUIRED`, `SESSION_REVOKED`.
   */
  changePassword(input: ChangePasswordInput, client: ClientInfo, principal: Principal): Promise<SignedIn>
}

interface Change {
  readonly input: ChangePasswordInput
  readonly client: ClientInfo
  readonly principal: SessionPrincipal
  /** The hash that the change was allowed for. */
  readonly oldHash: string | null
  readonly newHash: string
}

export function createPasswordChange(parts: AccountParts): PasswordChange {
  const { store, hasher, starter } = parts

  return {
    async changePassword(input, client, principal) {
      const owner = sessionOf(principal)
      const { user, context } = await store.read((records) => find(parts, records, owner))
      await assertNewPassword(parts, input, context)
      if (user.passwordHash !== null) await assertCurrentPassword(parts, input.currentPassword ?? '', user)
      const newHash = await hasher.hash(input.newPassword, { known: true })
      const change = { input, client, principal: owner, oldHash: user.passwordHash, newHash }
      return starter.handOver(await store.write((records) => apply(parts, records, change)))
    },
  }
}

async function find(parts: AccountParts, records: Records, principal: SessionPrincipal) {
  const { user } = await livingSession(records, principal, parts.clock.now())
  if (user.passwordHash === null) await requireFresh(records, principal, parts.clock.now())
  return { user, context: await passwordContextOf(parts, records, user) }
}

async function assertNewPassword(
  { judgePassword }: AccountParts,
  { currentPassword, newPassword }: ChangePasswordInput,
  context: PasswordContext,
): Promise<void> {
  const weakness = await judgePassword(newPassword, context)
  const message = newPassword === currentPassword ? 'That is the present password.' : weakness
  if (message !== null) throw new InvalidInputError([{ path: ['newPassword'], message }])
}

async function assertCurrentPassword(parts: AccountParts, password: string, user: UserRecord): Promise<void> {
  const keys = [currentPasswordKey(user.id)]
  const isRight = await checkPassword(parts, {
    password: attemptedPassword(password),
    hash: user.passwordHash,
    keys,
    known: true,
  })
  if (!isRight) throw wrongPassword()
}

/** Who is in already counts apart from who wants to come in. */
export const currentPasswordKey = (userId: string) => `present password of ${userId}`

/** Nothing that the old password opened stays open: challenges, links to reset it and to another address, and, unless asked for, sessions. */
async function apply(parts: AccountParts, records: Records, change: Change): Promise<StartedSession> {
  const { clock, audit, mail, failures, starter } = parts
  const { input, client, principal } = change
  const { sessionId, userId } = principal
  const now = clock.now()
  const { user, session } = await livingSession(records, principal, now)
  if (user.passwordHash !== change.oldHash) throw wrongPassword()
  if (change.oldHash === null) await requireFresh(records, principal, now)

  await records.accounts.setPasswordHash(userId, change.newHash)
  // Failures with the old password do not keep the owner out with the new one.
  const origin = { account: readEmailAddress(user.email)?.key ?? '', network: networkOf(client.ip), knownDevice: null }
  await failures.succeed(records, currentPasswordKey(userId), ...signInKeys(origin))
  await voidChallenges(records, userId, now)
  await voidMailTokens(records, userId, ['PASSWORD_RESET', 'EMAIL_CHANGE'], now)
  const ended = input.keepOtherSessions ? 0 : await endSessions(records, userId, now, sessionId)
  const { methods, assurance, authenticatedAt } = session
  // The password that was shown is one factor: it makes no session fresher in which two were shown.
  const renewed = await starter.renew(records, { sessionId, methods, assurance, authenticatedAt })
  const details = { wasSet: change.oldHash !== null, endedSessions: ended }
  await audit(records, { event: 'PASSWORD_CHANGED', by: principal, client, subjectId: userId, details })
  await mail(records, user.email, { kind: 'PASSWORD_CHANGED' })
  return renewed
}

function wrongPassword(): Refusal {
  return new Refusal('INVALID_CREDENTIALS', 'That is not the present password.')
}
