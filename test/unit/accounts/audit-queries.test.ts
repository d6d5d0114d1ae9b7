import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { anonymous, type Principal } from '../../../src/core/principal.ts'
import type { AuditLog } from '../../../src/ports/accounts/audit-log.ts'
import type { Accounts } from '../../../src/services/accounts/accounts.ts'
import type { AuditAsk } from '../../../src/services/accounts/audit/audit-queries.ts'
import { client, day, goodPassword, nothing } from './open-accounts.ts'
import { openPeople, type PeopleUnderTest } from './open-people.ts'

const everything: AuditAsk = { first: 100, after: null, event: null, userId: null }

async function events({ accounts }: PeopleUnderTest, by: Principal, ask: Partial<AuditAsk> = {}) {
  const { edges } = await accounts.auditEvents({ ...everything, ...ask }, by)
  return edges.map(({ node }) => node)
}

describe('the audit log', () => {
  it('shows somebody what is about them, and nothing else', async () => {
    await using test = await openPeople()
    const own = await events(test, test.ada.principal)
    expect(own.map(({ event }) => event)).toEqual(['SIGNED_IN', 'USER_CREATED'])
    expect(new Set(own.map(({ subjectId }) => subjectId))).toEqual(new Set([test.ada.id]))
    expect(await events(test, test.ada.principal, { userId: test.ada.id })).toEqual(own)
    for (const userId of [test.root.id, '', 'x'.repeat(1e5)]) {
      await expect(events(test, test.ada.principal, { userId })).rejects.toMatchObject({
        code: 'INSUFFICIENT_SCOPE',
        message: 'The events of other users need the scope admin.',
      })
    }
  })

  it('shows who tried to come in, from where', async () => {
    await using test = await openPeople()
    const attacker = { ...client, ip: '203.0.113.9', userAgent: 'a guesser' }
    const guess = { email: test.ada.email, password: 'wrong', delivery: 'COOKIE' } as const
    await expect(test.accounts.signIn(guess, attacker, anonymous)).rejects.toMatchObject({
      code: 'INVALID_CREDENTIALS',
    })
    expect((await events(test, test.ada.principal))[0]).toMatchObject({
      event: 'SIGN_IN_FAILED',
      outcome: 'FAILURE',
      actor: 'ANONYMOUS',
      ip: '203.0.113.9',
      userAgent: 'a guesser',
    })
  })

  it('tells somebody what an administrator did, but not which one, and from where', async () => {
    await using test = await openPeople()
    await test.accounts.revokeUserSessions(test.ada.id, client, test.root.principal)
    const ada = await test.again(test.ada)
    const [told] = await events(test, ada.principal, { event: 'SESSION_REVOKED' })
    expect(told).toMatchObject({
      actor: 'USER',
      subjectId: ada.id,
      actorId: null,
      sessionId: null,
      ip: null,
      userAgent: null,
      requestId: null,
      details: { sessions: 1 },
    })
    expect(JSON.stringify(await events(test, ada.principal))).not.toContain(test.root.id)
    const [known] = await events(test, test.root.principal, { event: 'SESSION_REVOKED', userId: ada.id })
    expect(known).toMatchObject({ id: told?.id, actorId: test.root.id, ip: client.ip })
  })

  it('shows administrators everything, or what is about one user or of one kind', async () => {
    await using test = await openPeople()
    const all = await events(test, test.root.principal)
    expect(all.map(({ subjectId }) => subjectId)).toEqual([test.ada.id, test.ada.id, test.root.id, test.root.id])
    expect(await events(test, test.root.principal, { userId: test.ada.id })).toHaveLength(2)
    expect(await events(test, test.root.principal, { event: 'USER_CREATED' })).toHaveLength(2)
    expect(await events(test, test.root.principal, { userId: 'nobody' })).toEqual([])
  })

  it('is open to API keys with the scope, and closed to everybody else', async () => {
    await using test = await openPeople()
    const keyOf = async (owner: PeopleUnderTest['ada'], scope: 'account:read' | 'admin' | 'jobs:read') => {
      const { text } = await test.createKey(owner, { scopes: [scope] })
      return test.accounts.authenticate({ ...nothing, apiKey: text }, client)
    }
    expect((await events(test, await keyOf(test.ada, 'account:read')))[0]).toMatchObject({ event: 'API_KEY_CREATED' })
    expect(await events(test, await keyOf(test.root, 'admin'))).toHaveLength(6)
    const narrow = await keyOf(test.root, 'account:read')
    expect(new Set((await events(test, narrow)).map(({ subjectId }) => subjectId))).toEqual(new Set([test.root.id]))
    const refused: [Principal, string][] = [
      [anonymous, 'UNAUTHENTICATED'],
      [{ kind: 'anonymous', refused: 'SESSION_REVOKED' }, 'SESSION_REVOKED'],
      [await keyOf(test.root, 'jobs:read'), 'INSUFFICIENT_SCOPE'],
    ]
    for (const [by, code] of refused) await expect(events(test, by)).rejects.toMatchObject({ code })
  })

  it('comes page by page, newest first, each event once', async () => {
    await using test = await openPeople()
    for (let i = 0; i < 5; i += 1) await test.signIn({ email: test.ada.email })
    const seen: string[] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<Accounts['auditEvents']>> = await test.accounts.auditEvents(
        { ...everything, first: 2, after },
        test.ada.principal,
      )
      seen.push(...page.edges.map(({ node }) => node.id))
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after !== null)
    expect(seen).toEqual(seen.toSorted().toReversed())
    expect(new Set(seen).size).toBe(7)
    for (const wrong of [{ first: 0 }, { first: 101 }, { after: 'x' }]) {
      await expect(events(test, test.ada.principal, wrong)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
  })

  it('has no secret in it', async () => {
    await using test = await openPeople()
    const { text } = await test.createKey(test.ada)
    const { cookie } = await test.signIn({ email: test.ada.email })
    const { token } = await test.accounts.createInvite(
      { email: null, roles: ['user'], expiresInHours: 1 },
      client,
      test.root.principal,
    )
    const log = JSON.stringify(await events(test, test.root.principal))
    const secrets = [goodPassword, text.slice(35, 67), cookie?.slice(-43) ?? 'none', token.slice(-43)]
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
  })

  it('is only ever appended to: no method of the port and no statement changes a line', async () => {
    await using test = await openPeople()
    const methods = await test.store.read(async ({ audit }) => Object.keys(audit).toSorted())
    expect(methods).toEqual(['append', 'list', 'purge'] satisfies (keyof AuditLog)[])
    const folder = new URL('../../../src/adapters/sql/', import.meta.url)
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'))
    const sources = await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')))
    const changing = sources.flatMap((source) => source.match(/(update|delete)[\w ('"`]*audit_events/gi) ?? [])
    // The retention.
    expect(changing).toEqual(["deleteFrom('audit_events"])
  })
})

describe('the audit trail', () => {
  it('goes back from the newest event to a moment, over many pages', async () => {
    await using test = await openPeople()
    const start = test.clock.now()
    const append = (count: number) =>
      test.store.write(async (records) => {
        for (let i = 0; i < count; i += 1) {
          await test.note(records, { event: 'SIGNED_OUT', by: test.ada.principal, client, subjectId: test.ada.id })
        }
      })
    await append(600)
    test.clock.advance(day)
    await append(600)
    const trail = async (part: Parameters<Accounts['auditTrail']>[0]) => {
      const seen: { readonly at: number; readonly id: string }[] = []
      for await (const event of test.accounts.auditTrail(part)) seen.push(event)
      return seen
    }
    const all = await trail({ userId: null, since: null })
    expect(all).toHaveLength(1204)
    expect(new Set(all.map(({ id }) => id)).size).toBe(1204)
    expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).toSorted((a, b) => b - a))
    expect(await trail({ userId: null, since: start + 1 })).toHaveLength(600)
    expect(await trail({ userId: test.root.id, since: null })).toHaveLength(2)
    expect(await trail({ userId: 'nobody', since: null })).toEqual([])
  })
})
