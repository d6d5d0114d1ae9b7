import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous, type Principal } from '../../../src/core/principal.ts'
import type { Accounts } from '../../../src/services/accounts/accounts.ts'
import type { Administrator } from '../../../src/services/accounts/administration/administrator.ts'
import { parseSecretToken } from '../../../src/services/accounts/secret-token.ts'
import { newCredential } from '../../support/software-authenticator.ts'
import { codeOf, codesOf, countOf } from './codes-of.ts'
import { ada as adaInput, client, nothing, settle } from './open-accounts.ts'
import { openPeople, type PeopleUnderTest } from './open-people.ts'
import { auditLines, queuedNotices } from './stored-facts.ts'

const minute = 60_000

/** Every change that an administrator can make to a user. */
const changes = {
  disableUser: (accounts, id, by) => accounts.disableUser(id, client, by),
  enableUser: (accounts, id, by) => accounts.enableUser(id, client, by),
  setUserRoles: (accounts, id, by) => accounts.setUserRoles({ id, roles: ['user', 'admin'] }, client, by),
  revokeUserSessions: (accounts, id, by) => accounts.revokeUserSessions(id, client, by),
  resetUserMfa: (accounts, id, by) => accounts.resetUserMfa(id, client, by),
} as const satisfies Record<string, (accounts: Accounts, id: string, by: Administrator) => Promise<unknown>>

const reads = {
  users: (accounts, by) => accounts.users({ first: 10, after: null, search: null }, by),
  findUser: (accounts, by) => accounts.findUser('ada@example.com', by),
  invites: (accounts, by) => accounts.invites(by),
} as const satisfies Record<string, (accounts: Accounts, by: Administrator) => Promise<unknown>>

const refusals = ({ accounts, ada }: PeopleUnderTest, by: Principal) =>
  Promise.all(Object.values(changes).map((change) => codeOf(change(accounts, ada.id, by))))

const times = <T>(count: number, value: T): readonly T[] => Array.from({ length: count }, () => value)

describe('administration', () => {
  it('is closed to everybody but administrators', async () => {
    await using test = await openPeople()
    const readings = (by: Principal) => Promise.all(Object.values(reads).map((read) => codeOf(read(test.accounts, by))))
    for (const [by, code] of [
      [anonymous, 'UNAUTHENTICATED'],
      [{ kind: 'anonymous', refused: 'SESSION_REVOKED' }, 'SESSION_REVOKED'],
      [test.ada.principal, 'INSUFFICIENT_SCOPE'],
      [{ ...test.root.principal, scopes: ['account:read'] }, 'INSUFFICIENT_SCOPE'],
    ] satisfies [Principal, string][]) {
      expect(await refusals(test, by)).toEqual(times(5, code))
      expect(await readings(by)).toEqual(times(3, code))
    }
    expect(await readings(test.root.principal)).toEqual(times(3, null))
    expect((await auditLines(test.store)).filter(({ actorId }) => actorId === test.root.id)).toEqual([])
  })

  it('lets an API key with the scope read, and change nothing', async () => {
    await using test = await openPeople()
    const { text } = await test.createKey(test.root, { scopes: ['admin'] })
    const key = await test.accounts.authenticate({ ...nothing, apiKey: text }, client)
    expect(await refusals(test, key)).toEqual(times(5, 'FORBIDDEN'))
    for (const read of Object.values(reads)) expect(await codeOf(read(test.accounts, key))).toBeNull()
  })

  it('asks for factors that were shown lately, and for two of who has two', async () => {
    await using test = await openPeople()
    const { principal } = await test.enrol({ userId: test.root.id, principal: test.root.principal })
    test.tamper('update sessions set assurance = 1')
    expect(await refusals(test, principal)).toEqual(times(5, 'STEP_UP_REQUIRED'))
    const other = await test.person('other', true)
    test.clock.advance(5 * minute)
    expect(await refusals(test, other.principal)).toEqual(times(5, 'STEP_UP_REQUIRED'))
    for (const read of Object.values(reads)) expect(await codeOf(read(test.accounts, other.principal))).toBeNull()
  })

  it('does not find a user who is not there', async () => {
    await using test = await openPeople()
    for (const id of ['', 'x'.repeat(1e5), newId('user'), 'ada@example.com']) {
      for (const change of Object.values(changes)) {
        await expect(change(test.accounts, id, test.root.principal)).rejects.toMatchObject({
          code: 'NOT_FOUND',
          message: 'There is no such user.',
        })
      }
    }
    expect(await test.accounts.findUser('nobody@example.com', test.root.principal)).toBeNull()
  })

  it('writes down who did what to whom', async () => {
    await using test = await openPeople()
    const { accounts, ada, root } = test
    await accounts.setUserRoles({ id: ada.id, roles: ['admin'] }, client, root.principal)
    await accounts.revokeUserSessions(ada.id, client, root.principal)
    await accounts.resetUserMfa(ada.id, client, root.principal)
    await accounts.disableUser(ada.id, client, root.principal)
    await accounts.enableUser(ada.id, null, null)
    const lines = (await auditLines(test.store)).filter(({ event }) => event !== 'SIGNED_IN').slice(-5)
    const byRoot = {
      actor: 'USER',
      actorId: root.id,
      subjectId: ada.id,
      sessionId: root.principal.sessionId,
      ip: client.ip,
    }
    expect(lines).toMatchObject([
      { ...byRoot, event: 'USER_ROLES_SET', details: { before: 'user', roles: 'user admin' } },
      { ...byRoot, event: 'SESSION_REVOKED', details: { sessions: 1 } },
      { ...byRoot, event: 'USER_MFA_RESET' },
      { ...byRoot, event: 'USER_DISABLED' },
      { actor: 'OPERATOR', actorId: null, subjectId: ada.id, event: 'USER_ENABLED', ip: null },
    ])
    const notices = (await queuedNotices(test.store)).filter(({ to }) => to === ada.email)
    expect(notices.map(({ kind }) => kind)).toEqual(['MFA_RESET', 'ACCOUNT_DISABLED'])
  })
})

describe('disabling a user', () => {
  it('ends sessions and streams at once, and lets nothing of theirs in', async () => {
    await using test = await openPeople()
    const { accounts, ada, root } = test
    const cookie = await test.signIn({ email: ada.email })
    const tokens = await test.signIn({ email: ada.email, delivery: 'TOKENS' })
    await test.whoIs(cookie)
    let ended: string | null = null
    accounts.watch(ada.principal, ({ code }) => {
      ended = code
    })
    const shown = await accounts.disableUser(ada.id, client, root.principal)
    expect(shown).toMatchObject({ id: ada.id, disabledAt: test.clock.now() })
    expect(ended).toBe('SESSION_REVOKED')
    await expect(test.whoIs(tokens)).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
    await expect(test.whoIs(cookie)).rejects.toThrow('The session is not alive.')
    await expect(test.signIn({ email: ada.email })).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
    await expect(test.createKey(ada)).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
    // Once more changes nothing, and is not written down.
    test.clock.advance(minute)
    expect(await accounts.disableUser(ada.id, client, root.principal)).toEqual(shown)
    expect((await auditLines(test.store, 'USER_DISABLED')).length).toBe(1)
    await accounts.enableUser(ada.id, client, root.principal)
    expect(await accounts.enableUser(ada.id, client, root.principal)).toMatchObject({ disabledAt: null })
    expect((await auditLines(test.store, 'USER_ENABLED')).length).toBe(1)
    await test.signIn({ email: ada.email })
  })

  it('makes a second factor that is being asked for useless', async () => {
    await using test = await openPeople()
    const owner = await test.enrol({ userId: test.ada.id, principal: test.ada.principal })
    const { challengeToken } = await test.challenge()
    await test.accounts.disableUser(owner.userId, client, test.root.principal)
    await test.accounts.enableUser(owner.userId, client, test.root.principal)
    const proof = { method: 'TOTP', code: test.code(owner) } as const
    expect(await codeOf(test.complete(challengeToken, proof))).toBe('INVALID_CHALLENGE')
  })
})

describe('the last administrator', () => {
  const last = { code: 'LAST_ADMINISTRATOR', message: 'Make somebody else an administrator first.' }

  it('cannot be disabled or demoted, by themselves or by the operator', async () => {
    await using test = await openPeople()
    const { accounts, root } = test
    for (const by of [root.principal, null]) {
      await expect(accounts.disableUser(root.id, client, by)).rejects.toMatchObject(last)
      await expect(accounts.setUserRoles({ id: root.id, roles: ['user'] }, client, by)).rejects.toMatchObject(last)
    }
    expect(await accounts.findUser(root.id, null)).toMatchObject({ disabledAt: null, roles: ['user', 'admin'] })
    expect(await test.whoIs(await test.signIn({ email: root.email }))).toMatchObject({ userId: root.id })
    // A disabled administrator is none.
    const other = await test.person('other', true)
    await accounts.disableUser(other.id, client, root.principal)
    await expect(accounts.disableUser(root.id, client, root.principal)).rejects.toMatchObject(last)
    await accounts.setUserRoles({ id: other.id, roles: ['user'] }, client, root.principal)
  })

  it.each(['disableUser', 'setUserRoles'] as const)(
    'remains when two end each other at once by %s',
    async (command) => {
      await using test = await openPeople()
      const { accounts, root } = test
      const other = await test.person('other', true)
      const end = (id: string, by: Principal) =>
        command === 'disableUser'
          ? accounts.disableUser(id, client, by)
          : accounts.setUserRoles({ id, roles: ['user'] }, client, by)
      const { worked, reasons } = await settle([end(other.id, root.principal), end(root.id, other.principal)])
      expect([worked.length, codesOf(reasons)]).toEqual([1, ['INSUFFICIENT_SCOPE']])
      expect(await test.store.read((records) => records.accounts.countAdmins())).toBe(1)
    },
  )

  it('remains when many who end themselves do so at once', async () => {
    await using test = await openPeople()
    const others = await Promise.all(['a', 'b', 'c', 'd'].map((name) => test.person(name, true)))
    const all = [test.root, ...others]
    const attempts = all.map(({ id, principal }) => test.accounts.disableUser(id, client, principal))
    const { worked, reasons } = await settle(attempts)
    expect([worked.length, countOf(reasons, 'LAST_ADMINISTRATOR')]).toEqual([4, 1])
  })
})

describe('the roles of a user', () => {
  it('hold at once, for sessions that are there and for streams that were opened with them', async () => {
    await using test = await openPeople()
    const { accounts, root } = test
    const other = await test.person('other', true)
    const session = await test.signIn({ email: other.email })
    let ended: string | null = null
    accounts.watch(await test.whoIs(session), ({ code }) => {
      ended = code
    })
    await accounts.setUserRoles({ id: other.id, roles: ['user', 'user'] }, client, root.principal)
    const now = await test.whoIs(session)
    expect([now.roles, now.scopes.includes('admin')]).toEqual([['user'], false])
    await expect.poll(() => ended).toBe('UNAUTHENTICATED')
    await accounts.setUserRoles({ id: other.id, roles: ['admin'] }, client, root.principal)
    expect((await test.whoIs(session)).roles).toEqual(['user', 'admin'])
  })

  it('are some', async () => {
    await using test = await openPeople()
    await expect(
      test.accounts.setUserRoles({ id: test.ada.id, roles: [] }, client, test.root.principal),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT', message: 'The input is not valid. roles: Say at least one role.' })
  })

  it('are written down only when they change', async () => {
    await using test = await openPeople()
    await test.accounts.setUserRoles({ id: test.ada.id, roles: ['user'] }, client, test.root.principal)
    expect(await auditLines(test.store, 'USER_ROLES_SET')).toEqual([])
  })
})

describe('resetting the factors of a user', () => {
  it('takes app, codes and passkeys, ends all sessions, and lets the password alone in', async () => {
    await using test = await openPeople()
    const owner = await test.enrol({ userId: test.ada.id, principal: test.ada.principal })
    const withPasskey = await test.add(owner, newCredential())
    const { challengeToken } = await test.challenge()
    await test.accounts.resetUserMfa(owner.userId, client, test.root.principal)
    await expect(test.whoIs(withPasskey.renewed)).rejects.toThrow('The session is not alive.')
    const proof = { method: 'TOTP', code: test.code(owner) } as const
    expect(await codeOf(test.complete(challengeToken, proof))).toBe('INVALID_CHALLENGE')
    const entered = await test.signIn({ email: adaInput.email })
    expect(entered.session).toMatchObject({ assurance: 1 })
    expect(await test.accounts.passkeys(await test.whoIs(entered))).toEqual([])
    const left = await test.store.read(({ factors }) => factors.countRecoveryCodes(owner.userId))
    expect(left).toBe(0)
  })

  it('forgets the failures with the old ones', async () => {
    await using test = await openPeople()
    const owner = await test.enrol({ userId: test.ada.id, principal: test.ada.principal })
    const guess = async (code: string) => {
      const { challengeToken } = await test.challenge()
      return codeOf(test.complete(challengeToken, { method: 'TOTP', code }))
    }
    for (let n = 0; n < 10; n += 1) expect(await guess(test.wrongCode(owner))).toBe('INVALID_CODE')
    expect(await guess(test.code(owner))).toBe('RATE_LIMITED')
    await test.accounts.resetUserMfa(owner.userId, client, test.root.principal)
    const again = await test.enrol(await test.again(test.ada).then(({ id, principal }) => ({ userId: id, principal })))
    expect(await guess(test.code(again))).toBeNull()
  })

  it('makes a passkey that is being set up useless', async () => {
    await using test = await openPeople()
    const { challengeToken } = await test.accounts.startPasskeyRegistration(client, test.ada.principal)
    const id = parseSecretToken('oneTimeToken', challengeToken)?.id ?? ''
    const find = () => test.store.read(({ oneTimeTokens }) => oneTimeTokens.find(id))
    expect(await find()).toMatchObject({ usedAt: null })
    await test.accounts.resetUserMfa(test.ada.id, client, test.root.principal)
    expect(await find()).toMatchObject({ usedAt: test.clock.now() })
  })
})

describe('the list of users', () => {
  it('comes page by page, newest first, each user once', async () => {
    await using test = await openPeople()
    for (const name of ['b', 'c', 'd']) await test.person(name)
    const emails: string[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<Accounts['users']>> = await test.accounts.users(
        { first: 2, after, search: null },
        test.root.principal,
      )
      emails.push(...page.edges.map(({ node }) => node.email.replace('@example.com', '')))
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after !== null)
    expect(emails).toEqual(['d', 'c', 'b', 'ada', 'root'])
  })

  it('finds a part of the address or the name, whatever the case, and nothing by wildcards', async () => {
    await using test = await openPeople()
    const find = async (search: string) => {
      const { edges } = await test.accounts.users({ first: 10, after: null, search }, test.root.principal)
      return edges.map(({ node }) => node.displayName)
    }
    expect(await find('ADA@')).toEqual(['ada'])
    expect(await find('RoO')).toEqual(['root'])
    expect(await find('example.com')).toEqual(['ada', 'root'])
    expect(await find('')).toEqual(['ada', 'root'])
    for (const none of ['%', '_', '*', "'", 'adá']) expect(await find(none)).toEqual([])
  })

  it('shows no password and says where a page cannot be had', async () => {
    await using test = await openPeople()
    const { users } = test.accounts
    const page = await users({ first: 1, after: null, search: null }, test.root.principal)
    expect(page.edges[0]?.node).not.toHaveProperty('passwordHash')
    expect(page.edges[0]?.node).toMatchObject({ hasPassword: true })
    for (const ask of [{ first: 0 }, { first: 101 }, { after: 'x' }, { search: 'x'.repeat(201) }]) {
      const asked = users({ first: 10, after: null, search: null, ...ask }, test.root.principal)
      await expect(asked).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
  })
})
