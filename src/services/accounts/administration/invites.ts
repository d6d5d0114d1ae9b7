import { InvalidInputError, type InputIssue, NotFoundError, QuotaExceededError, Refusal } from '../../../core/errors.ts'
import type { Principal, Role } from '../../../core/principal.ts'
import type { OneTimeTokenRecord } from '../../../ports/accounts/one-time-tokens.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import { type EmailAddress, readEmailAddress } from '../entry/email-address.ts'
import { newOneTimeToken } from '../one-time-token.ts'
import type { AccountParts } from '../parts.ts'
import { sessionOf } from '../session-of.ts'
import { type Administrator, assertAdministrator, assertMayAdminister } from './administrator.ts'
import { type InviteData, readInviteData } from './invite-data.ts'
import { readRoles } from './roles.ts'

/** An invite that can still be used. */
export interface OpenInvite extends InviteData {
  readonly id: string
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
  /** Makes an invite. Throws `InvalidInputError`, `EMAIL_TAKEN`, `SIGN_UP_CLOSED`, `QuotaExceededError`. */
  createInvite(wish: InviteWish, client: ClientInfo, by: Principal): Promise<IssuedInvite>
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
      const { userId: invitedBy } = sessionOf(by)
      assertMayAdminister(by)
      if (policy.signUp === 'closed') {
        throw new Refusal('SIGN_UP_CLOSED', 'Nobody can sign up here, with an invite or without.')
      }
      const { email, roles } = readWish(wish)
      const data: InviteData = { email: email?.address ?? null, roles, invitedBy }
      const facts = { purpose: 'INVITE', userId: null, data: { ...data }, now: clock.now() } as const
      const { token, record } = newOneTimeToken({ ...facts, lifetimeMs: wish.expiresInHours * hour })
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
  const own = open.filter((record) => readInviteData(record).invitedBy === userId)
  for (const { id } of own) await oneTimeTokens.take(id, now)
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

function toInvite(record: OneTimeTokenRecord): OpenInvite {
  const { id, createdAt, expiresAt } = record
  return { id, ...readInviteData(record), createdAt, expiresAt }
}
