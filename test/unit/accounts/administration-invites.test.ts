import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous, type Principal, type Role } from '../../../src/core/principal.ts'
import type { InviteWish } from '../../../src/services/accounts/administration/invites.ts'
import { codeOf, countOf } from './codes-of.ts'
import { client, day, nothing, settle } from './open-accounts.ts'
import { openPeople, type PeopleUnderTest } from './open-people.ts'
import { auditLines, queuedNotices } from './stored-facts.ts'

const hour = 60 * 60_000

const create = ({ accounts, root }: PeopleUnderTest, wish: Partial<InviteWish> = {}, by: Principal = root.principal) =>
  accounts.createInvite({ email: null, roles: ['user'], expiresInHours: 168, ...wish }, client, by)

describe('making invites', () => {
  it('is refused to everybody but administrators who have shown their factors lately', async () => {
    await using test = await openPeople()
    const { accounts, root, ada } = test
    const { invite } = await create(test)
    const { text } = await test.createKey(root, { scopes: ['admin'] })
    const key = await accounts.authenticate({ ...nothing, apiKey: text }, client)
    const attempts = async (by: Principal) => [
      await codeOf(create(test, {}, by)),
      await codeOf(accounts.revokeInvite(invite.id, client, by)),
    ]
    expect(await attempts(anonymous)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED'])
    expect(await attempts(ada.principal)).toEqual(['INSUFFICIENT_SCOPE', 'INSUFFICIENT_SCOPE'])
    expect(await attempts(key)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
    test.clock.advance(5 * 60_000)
    expect(await attempts(root.principal)).toEqual(['STEP_UP_REQUIRED', 'STEP_UP_REQUIRED'])
    expect(await accounts.invites(root.principal)).toEqual([invite])
  })

  it('gives a token that signs somebody up, once, as what it says', async () => {
    await using test = await openPeople({ policy: { signUp: 'invite' } })
    const { token, invite } = await create(test, { roles: ['admin'], expiresInHours: 2 })
    const now = test.clock.now()
    expect(invite).toEqual({
      id: invite.id,
      email: null,
      roles: ['user', 'admin'],
      invitedBy: test.root.id,
      createdAt: now,
      expiresAt: now + 2 * hour,
    })
    const { user } = await test.signUp({ email: 'new@example.com', inviteToken: token })
    expect(user.roles).toEqual(['user', 'admin'])
    expect(await codeOf(test.signUp({ email: 'newer@example.com', inviteToken: token }))).toBe('INVALID_INVITE')
    expect(await test.accounts.invites(test.root.principal)).toEqual([])
    expect((await auditLines(test.store, 'INVITE_CREATED'))[0]).toMatchObject({
      actorId: test.root.id,
      subjectId: null,
      details: { inviteId: invite.id, roles: 'user admin' },
    })
    const secret = token.slice(-43)
    expect(test.dump().filter((value) => String(value).includes(secret))).toEqual([])
  })

  it('mails an invite to the address that it is for, and to no other', async () => {
    await using test = await openPeople()
    const { token } = await create(test, { email: 'Grace@Example.com' })
    expect(await queuedNotices(test.store)).toEqual([{ kind: 'INVITE', token, to: 'Grace@Example.com' }])
    expect(await codeOf(test.signUp({ email: 'eve@example.com', inviteToken: token }))).toBe('INVALID_INVITE')
    expect((await test.signUp({ email: 'grace@example.com', inviteToken: token })).user.emailVerifiedAt).not.toBeNull()
  })

  it.each<[string, Partial<InviteWish>]>([
    ['no address', { email: 'grace' }],
    ['an empty address', { email: '' }],
    ['a huge address', { email: `${'x'.repeat(1e6)}@example.com` }],
    ['no roles', { roles: [] }],
    ['no time', { expiresInHours: 0 }],
    ['too much time', { expiresInHours: 721 }],
    ['half an hour', { expiresInHours: 0.5 }],
  ])('is refused with %s', async (_what, wish) => {
    await using test = await openPeople()
    expect(await codeOf(create(test, wish))).toBe('INVALID_INPUT')
    expect(await test.accounts.invites(null)).toEqual([])
  })

  it('is refused for an address that has an account, and where nobody can sign up', async () => {
    await using test = await openPeople()
    expect(await codeOf(create(test, { email: 'ADA@example.com' }))).toBe('EMAIL_TAKEN')
    await using closed = await openPeople({ policy: { signUp: 'closed' } })
    expect(await codeOf(create(closed))).toBe('SIGN_UP_CLOSED')
  })

  it('allows five hundred that are open, however many are asked for at once', async () => {
    await using test = await openPeople()
    const { worked, reasons } = await settle(Array.from({ length: 510 }, () => create(test)))
    expect([worked.length, countOf(reasons, 'QUOTA_EXCEEDED')]).toEqual([500, 10])
    await test.accounts.revokeInvite(worked[0]?.invite.id ?? '', client, test.root.principal)
    await create(test)
  })
})

describe('an open invite', () => {
  it('ends by itself', async () => {
    await using test = await openPeople()
    const { token } = await create(test, { expiresInHours: 1 })
    test.clock.advance(hour)
    expect(await codeOf(test.signUp({ email: 'new@example.com', inviteToken: token }))).toBe('INVALID_INVITE')
    expect(await test.accounts.invites(test.root.principal)).toEqual([])
  })

  it('is revoked once, and is then no invite', async () => {
    await using test = await openPeople()
    const { accounts, root } = test
    const { token, invite } = await create(test)
    const attempts = Array.from({ length: 5 }, () => accounts.revokeInvite(invite.id, client, root.principal))
    const { worked, reasons } = await settle(attempts)
    expect([worked.length, countOf(reasons, 'NOT_FOUND')]).toEqual([1, 4])
    expect(await codeOf(test.signUp({ email: 'new@example.com', inviteToken: token }))).toBe('INVALID_INVITE')
    expect((await auditLines(test.store, 'INVITE_REVOKED')).length).toBe(1)
  })

  it('is all that can be revoked as one', async () => {
    await using test = await openPeople()
    const { accounts, root } = test
    // A token of another purpose.
    await test.enrol({ userId: test.ada.id, principal: test.ada.principal })
    const { challengeToken } = await test.challenge()
    for (const id of ['', 'x'.repeat(1e5), newId('oneTimeToken'), challengeToken.slice(0, 30)]) {
      await expect(accounts.revokeInvite(id, client, root.principal)).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'There is no such invite.',
      })
    }
  })

  it.each<[string, (test: PeopleUnderTest, id: string) => Promise<unknown>]>([
    ['is disabled', ({ accounts }, id) => accounts.disableUser(id, null, null)],
    ['is demoted', ({ accounts }, id) => accounts.setUserRoles({ id, roles: ['user'] satisfies Role[] }, null, null)],
  ])('ends when the administrator who made it %s, who could come back by it', async (_what, end) => {
    await using test = await openPeople()
    const other = await test.person('other', true)
    const { token } = await create(test, { roles: ['admin'], expiresInHours: 720 }, other.principal)
    const kept = await create(test)
    await end(test, other.id)
    expect(await codeOf(test.signUp({ email: 'back@example.com', inviteToken: token }))).toBe('INVALID_INVITE')
    expect(await test.accounts.invites(test.root.principal)).toEqual([kept.invite])
  })

  it('is listed newest first', async () => {
    await using test = await openPeople()
    const older = await create(test)
    test.clock.advance(1000)
    const newer = await create(test)
    expect(await test.accounts.invites(test.root.principal)).toEqual([newer.invite, older.invite])
    test.clock.advance(7 * day)
    expect(await test.accounts.invites(test.root.principal)).toEqual([])
  })
})
