import { InvalidInputError, type InputIssue, NotFoundError, QuotaExceededError, Refusal } from '../../../core/errors.ts'
import { isJsonObject } from '../../../core/json-object.ts'
import { type Role, roles as allRoles } from '../../../core/principal.ts'
import type { OneTimeTokenRecord } from '../../../ports/accounts/one-time-tokens.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { type EmailAddress, readEmailAddress } from '../entry/email-address.ts'
import { newOneTimeToken } from '../one-time-token.ts'
import type { AccountParts } from '../parts.ts'
import { type Administrator, assertAdministrator, assertMayAdminister, assertMayChange } from './administrator.ts'
import { readRoles } from './roles.ts'

/** An invite that can still be used. */
export interface OpenInvite {
  readonly id: string
  /** The only address that it is for; `null`: for any. */
  readonly email: string | null
  /** What it makes of who signs up with it. */
  readonly roles: readonly Role[]
  /** The administrator who made it; `null`: the operator. */
  readonly invitedBy: string | null
  readonly createdAt: number
  readonly expiresAt: number
}

/** An invite with its token, which is known nowhere else. */
export interface IssuedInvite {
  readonly token: string
  readonly invite: OpenInvite
}

export interface InviteWish {
  /** `null`: for any address. One that is given gets the invite by mail. */
  readonly email: string | null
  readonly roles: readonly Role[]
  readonly expiresInHours: number
}

/** Letting people sign up. Refusals are those of `Administration`. */
export interface Invites {
  /**
   * Makes an invite. Throws `InvalidInputError`, `EMAIL_TAKEN`, `SIGN_UP_CLOSED`,
   * `QuotaExceededError`.
   */
  createInvite(wish: InviteWish, client: ClientInfo | null, by: Administrator): Promise<IssuedInvite>
  /** Those that can still be used, newest first. */
  invites(by: Administrator): Promise<readonly OpenInvite[]>
  /** Makes an invite void. Throws `NOT_FOUND` when it is used, expired or none. */
  revokeInvite(id: string, client: ClientInfo | null, by: Administrator): Promise<void>
}

/** How many there may be at a time. */
const maxOpenInvites = 500

const hour = 60 * 60 * 1000
const maxHours = 30 * 24

export function createInvites({ store, clock, policy, audit, mail }: AccountParts): Invites {
  return {
    async createInvite(wish, client, by) {
      assertMayChange(by)
      if (policy.signUp === 'closed') {
        throw new Refusal('SIGN_UP_CLOSED', 'Nobody can sign up here, with an invite or without.')
      }
      const { email, roles } = readWish(wish)
      const { token, record } = newOneTimeToken({
        purpose: 'INVITE',
        userId: null,
        data: { email: email?.address ?? null, roles, invitedBy: userIdOf(by) },
        now: clock.now(),
        lifetimeMs: wish.expiresInHours * hour,
      })
      await store.write(async (records) => {
        await assertAdministrator(records, by, record.createdAt)
        await assertRoom(records, record.createdAt)
        if (email !== null) await assertFree(records, email)
        await records.oneTimeTokens.insert(record)
        const details = { inviteId: record.id, roles: roles.join(' ') }
        await audit(records, { event: 'INVITE_CREATED', by, client, subjectId: null, details })
        if (email !== null) await mail(records, email.address, { kind: 'INVITE', token })
      })
      return { token, invite: toInvite(record) }
    },

    async invites(by) {
      assertMayAdminister(by)
      const open = await store.read(({ oneTimeTokens }) => oneTimeTokens.open('INVITE', clock.now(), maxOpenInvites))
      return open.map(toInvite)
    },

    async revokeInvite(id, client, by) {
      await store.write(async (records) => {
        const now = clock.now()
        await assertAdministrator(records, by, now)
        const record = await records.oneTimeTokens.find(id)
        const isTaken = record?.purpose === 'INVITE' && (await records.oneTimeTokens.take(id, now)) !== null
        if (!isTaken) throw new NotFoundError('invite')
        await audit(records, { event: 'INVITE_REVOKED', by, client, subjectId: null, details: { inviteId: id } })
      })
    },
  }
}

/** Makes the invites of somebody void who is no administrator any more: they would come back by one. */
export async function voidInvitesOf({ oneTimeTokens }: Records, userId: string, now: number): Promise<void> {
  const open = await oneTimeTokens.open('INVITE', now, maxOpenInvites)
  const own = open.filter((record) => toInvite(record).invitedBy === userId)
  for (const { id } of own) await oneTimeTokens.take(id, now)
}

function userIdOf(by: Administrator): string | null {
  return by === null || by.kind === 'anonymous' ? null : by.userId
}

function readWish({ email: text, roles, expiresInHours }: InviteWish): {
  readonly email: EmailAddress | null
  readonly roles: readonly Role[]
} {
  const issues: InputIssue[] = []
  const email = text === null ? null : readEmailAddress(text)
  if (text !== null && email === null) {
    issues.push({ path: ['email'], message: 'This is not an email address such as ada@example.com.' })
  }
  if (roles.length === 0) issues.push({ path: ['roles'], message: 'Say at least one role.' })
  if (!Number.isInteger(expiresInHours) || expiresInHours < 1 || expiresInHours > maxHours) {
    issues.push({ path: ['expiresInHours'], message: `Must be a whole number from 1 to ${maxHours}.` })
  }
  if (issues.length > 0) throw new InvalidInputError(issues)
  return { email, roles: readRoles(roles) }
}

async function assertRoom({ oneTimeTokens }: Records, now: number): Promise<void> {
  const open = await oneTimeTokens.open('INVITE', now, maxOpenInvites)
  if (open.length < maxOpenInvites) return
  throw new QuotaExceededError(
    'invites',
    maxOpenInvites,
    `There are ${maxOpenInvites} open invites already: revoke some.`,
  )
}

async function assertFree({ accounts }: Records, { key }: EmailAddress): Promise<void> {
  if ((await accounts.findUserByEmailKey(key)) === null) return
  throw new Refusal('EMAIL_TAKEN', 'An account with that email address exists.')
}

function toInvite({ id, data, createdAt, expiresAt }: OneTimeTokenRecord): OpenInvite {
  const parsed: unknown = JSON.parse(data)
  const { email, roles, invitedBy } = isJsonObject(parsed) ? parsed : {}
  return {
    id,
    email: typeof email === 'string' ? email : null,
    roles: Array.isArray(roles) ? allRoles.filter((role) => roles.includes(role)) : [],
    invitedBy: typeof invitedBy === 'string' ? invitedBy : null,
    createdAt,
    expiresAt,
  }
}
