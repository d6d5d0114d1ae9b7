import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { newId } from '../../../src/core/ids.ts'
import { anonymous, type Principal, type Scope, scopes } from '../../../src/core/principal.ts'
import type { ApiKeyWish } from '../../../src/services/accounts/api-keys/api-key-settings.ts'
import { codesOf, countOf } from './codes-of.ts'
import { client, day, nothing, settle } from './open-accounts.ts'
import { openPeople, type PeopleUnderTest, type Person } from './open-people.ts'
import { auditLines, queuedNotices } from './stored-facts.ts'

const minute = 60_000
const hour = 60 * minute

const wish: ApiKeyWish = { name: 'a program', scopes: ['jobs:read'] }
const notFound = { code: 'NOT_FOUND', message: 'There is no such API key.' }

const use = ({ accounts }: PeopleUnderTest, apiKey: string) => accounts.authenticate({ ...nothing, apiKey }, client)

const rotate = ({ accounts }: PeopleUnderTest, id: string, { principal }: Person, overlapSeconds = 3600) =>
  accounts.rotateApiKey({ id, overlapSeconds }, client, principal)

/** What is written about keys, with who and what. */
async function written({ store }: PeopleUnderTest) {
  const lines = (await auditLines(store)).filter(({ event }) => event.startsWith('API_KEY'))
  return lines.map(({ event, actor, subjectId, details }) => ({ event, actor, subjectId, ...details }))
}

describe('managing API keys', () => {
  it('is refused to nobody, to API keys, and to whoever has not shown their factors lately', async () => {
    await using test = await openPeople()
    const { accounts, ada } = test
    const issued = await test.createKey(ada, { scopes: ['account:read', 'jobs:read'] })
    const id = issued.apiKey.id
    const attempts = (by: Principal): readonly Promise<unknown>[] => [
      accounts.createApiKey(wish, client, by),
      accounts.rotateApiKey({ id, overlapSeconds: 0 }, client, by),
      accounts.revokeApiKey(id, client, by),
    ]
    const refusals = async (by: Principal) => codesOf((await settle(attempts(by))).reasons)
    expect(await refusals(anonymous)).toEqual(Array(3).fill('UNAUTHENTICATED'))
    expect(await refusals({ kind: 'anonymous', refused: 'SESSION_REVOKED' })).toEqual(Array(3).fill('SESSION_REVOKED'))
    expect(await refusals(await use(test, issued.text))).toEqual(Array(3).fill('FORBIDDEN'))
    test.clock.advance(5 * minute + 1000)
    // Ending a key makes nothing less safe.
    expect(await refusals(ada.principal)).toEqual(['STEP_UP_REQUIRED', 'STEP_UP_REQUIRED'])
  })

  it('is limited by user, so that nobody makes and ends keys without end', async () => {
    const newApiKeyByUser = memoryRateLimiter({ attempts: 3, seconds: 3600 })
    await using test = await openPeople({ limiters: { newApiKeyByUser } })
    const { apiKey } = await test.createKey(test.ada)
    await rotate(test, apiKey.id, test.ada)
    await test.createKey(test.ada)
    const { reasons } = await settle([test.createKey(test.ada), rotate(test, apiKey.id, test.ada)])
    expect(codesOf(reasons)).toEqual(['RATE_LIMITED', 'RATE_LIMITED'])
    await test.createKey(test.root)
  })

  it('asks for two factors of who has two', async () => {
    await using test = await openPeople()
    const owner = await test.enrol({ userId: test.ada.id, principal: test.ada.principal })
    test.tamper('update sessions set assurance = 1')
    await expect(test.accounts.createApiKey(wish, client, owner.principal)).rejects.toMatchObject({
      code: 'STEP_UP_REQUIRED',
      details: { requiredAssuranceLevel: 2, maxAgeSeconds: 300 },
    })
    test.tamper('update sessions set assurance = 2')
    await test.accounts.createApiKey(wish, client, owner.principal)
  })

  it('is refused to who must set up a second factor first', async () => {
    await using test = await openPeople({ policy: { requireMfa: 'all' } })
    expect(test.ada.principal.mustEnrol).toBe(true)
    await expect(test.accounts.createApiKey(wish, client, test.ada.principal)).rejects.toMatchObject({
      code: 'MFA_ENROLMENT_REQUIRED',
    })
  })

  it('tells the owner by mail and the log, and shows the key once', async () => {
    await using test = await openPeople()
    const { ada, accounts } = test
    const issued = await test.createKey(ada, {
      name: ' nightly ',
      scopes: ['jobs:write', 'jobs:read', 'jobs:read'],
      allowedIps: ['192.0.2.0/24', '192.0.2.0/24'],
      expiresAt: test.clock.now() + day,
    })
    expect(issued.apiKey).toEqual({
      id: issued.apiKey.id,
      userId: ada.id,
      name: 'nightly',
      lastFour: issued.text.slice(-4),
      scopes: ['jobs:read', 'jobs:write'],
      allowedIps: ['192.0.2.0/24'],
      requestsPerMinute: 600,
      createdAt: test.clock.now(),
      expiresAt: test.clock.now() + day,
      lastUsedAt: null,
      successorId: null,
    })
    expect(await accounts.apiKeys(ada.principal)).toEqual([issued.apiKey])
    expect(await queuedNotices(test.store)).toEqual([{ kind: 'API_KEY_CREATED', name: 'nightly', to: ada.email }])
    expect(await written(test)).toEqual([
      {
        event: 'API_KEY_CREATED',
        actor: 'USER',
        subjectId: ada.id,
        apiKeyId: issued.apiKey.id,
        scopes: 'jobs:read jobs:write',
      },
    ])
    const secret = issued.text.slice(35, 67)
    expect(test.dump().filter((value) => String(value).includes(secret))).toEqual([])
  })

  it.each<[string, Partial<ApiKeyWish>, string[]]>([
    ['no name', { name: ' ' }, ['name']],
    ['a name with a line break', { name: 'a\nb' }, ['name']],
    ['a huge name', { name: 'x'.repeat(1e6) }, ['name']],
    ['no scope', { scopes: [] }, ['scopes']],
    ['a scope that is none', { scopes: ['root' as Scope] }, ['scopes']],
    ['an end in the past', { expiresAt: 0 }, ['expiresAt']],
    ['no moment', { expiresAt: Number.NaN }, ['expiresAt']],
    ['an end that cannot be written', { expiresAt: 1e15 }, ['expiresAt']],
    ['no requests', { requestsPerMinute: 0 }, ['requestsPerMinute']],
    ['half a request', { requestsPerMinute: 1.5 }, ['requestsPerMinute']],
    ['too many requests', { requestsPerMinute: 10_001 }, ['requestsPerMinute']],
    ['no address', { allowedIps: ['192.0.2.1', 'example.com', 'x'.repeat(1e6)] }, ['allowedIps.1', 'allowedIps.2']],
    ['too many addresses', { allowedIps: Array.from({ length: 51 }, () => '192.0.2.1') }, ['allowedIps']],
    ['all of it', { name: '', scopes: [], requestsPerMinute: -1 }, ['name', 'scopes', 'requestsPerMinute']],
  ])('says all that is wrong at once with %s', async (_what, wrong, paths) => {
    await using test = await openPeople()
    const attempt = test.createKey(test.ada, wrong)
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(attempt).rejects.toSatisfy(
      ({ issues }: { issues: readonly { readonly path: readonly string[] }[] }) => {
        expect(issues.map(({ path }) => path.join('.'))).toEqual(paths)
        return true
      },
    )
    expect(await test.accounts.apiKeys(test.ada.principal)).toEqual([])
  })

  it('gives a key no scope that its owner has not', async () => {
    await using test = await openPeople()
    await expect(test.createKey(test.ada, { scopes: ['jobs:read', 'admin'] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('You have no scope admin yourself'),
    })
    expect((await test.createKey(test.root, { scopes })).apiKey.scopes).toEqual(scopes)
    // The session was let in before the role was taken away.
    const other = await test.person('other', true)
    await test.accounts.setUserRoles({ id: other.id, roles: ['user'] }, client, test.root.principal)
    await expect(test.createKey(other, { scopes: ['admin'] })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('allows fifty keys, however many are asked for at once', async () => {
    await using test = await openPeople()
    const { worked, reasons } = await settle(Array.from({ length: 60 }, () => test.createKey(test.ada)))
    expect([worked.length, countOf(reasons, 'QUOTA_EXCEEDED')]).toEqual([50, 10])
    await expect(test.createKey(test.ada)).rejects.toMatchObject({ details: { quota: 'apiKeys', limit: 50 } })
    await test.createKey(test.root)
    const first = worked[0]?.apiKey.id ?? ''
    const successor = await rotate(test, first, test.ada)
    await expect(test.createKey(test.ada)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
    await test.accounts.revokeApiKey(successor.apiKey.id, client, test.ada.principal)
    await test.createKey(test.ada)
  })

  it('allows no endless chain of keys within an overlap', async () => {
    await using test = await openPeople()
    let { apiKey } = await test.createKey(test.ada)
    for (let living = 1; living < 100; living += 1) apiKey = (await rotate(test, apiKey.id, test.ada)).apiKey
    await expect(rotate(test, apiKey.id, test.ada)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
    test.clock.advance(hour)
    await rotate(test, apiKey.id, await test.again(test.ada))
  })

  it('lists no key of anybody else, and none to who may not read the account', async () => {
    await using test = await openPeople()
    const { text } = await test.createKey(test.ada, { scopes: ['jobs:read'] })
    expect(await test.accounts.apiKeys(test.root.principal)).toEqual([])
    await expect(test.accounts.apiKeys(anonymous)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(test.accounts.apiKeys(await use(test, text))).rejects.toMatchObject({ code: 'INSUFFICIENT_SCOPE' })
    const reader = await test.createKey(test.ada, { scopes: ['account:read'] })
    expect(await test.accounts.apiKeys(await use(test, reader.text))).toHaveLength(2)
  })

  it('does not find what is unknown, somebody else’s, revoked or expired', async () => {
    await using test = await openPeople()
    const { accounts, ada, root } = test
    const ofRoot = await test.createKey(root)
    const revoked = await test.createKey(ada)
    await accounts.revokeApiKey(revoked.apiKey.id, client, ada.principal)
    const expired = await test.createKey(ada, { expiresAt: test.clock.now() + 1 })
    test.clock.advance(1)
    for (const id of ['', 'x'.repeat(1e5), newId('apiKey'), ofRoot.apiKey.id, revoked.apiKey.id, expired.apiKey.id]) {
      await expect(accounts.revokeApiKey(id, client, ada.principal)).rejects.toMatchObject(notFound)
      await expect(rotate(test, id, ada)).rejects.toMatchObject(notFound)
    }
    await use(test, ofRoot.text)
  })

  it('revokes a key once, of several at once', async () => {
    await using test = await openPeople()
    const { apiKey } = await test.createKey(test.ada)
    const attempts = Array.from({ length: 10 }, () => test.accounts.revokeApiKey(apiKey.id, client, test.ada.principal))
    const { worked, reasons } = await settle(attempts)
    expect([worked.length, countOf(reasons, 'NOT_FOUND')]).toEqual([1, 9])
    expect((await written(test)).map(({ event }) => event)).toEqual(['API_KEY_CREATED', 'API_KEY_REVOKED'])
  })
})

describe('rotating an API key', () => {
  it('makes a new one with the same settings, and lets the old one live on for the overlap', async () => {
    await using test = await openPeople()
    const settings = { allowedIps: ['192.0.2.0/24'], requestsPerMinute: 7, expiresAt: test.clock.now() + 30 * day }
    const old = await test.createKey(test.ada, settings)
    test.clock.advance(10 * day)
    const ada = await test.again(test.ada)
    const now = test.clock.now()
    const next = await rotate(test, old.apiKey.id, ada)
    expect(next.apiKey).toEqual({
      ...old.apiKey,
      id: next.apiKey.id,
      lastFour: next.text.slice(-4),
      createdAt: now,
      expiresAt: now + 30 * day,
    })
    const listed = await test.accounts.apiKeys(ada.principal)
    expect(listed).toEqual([next.apiKey, { ...old.apiKey, successorId: next.apiKey.id, expiresAt: now + hour }])
    for (const { text } of [old, next]) await use(test, text)
    test.clock.advance(hour)
    await expect(use(test, old.text)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await use(test, next.text)
    expect(await queuedNotices(test.store)).toHaveLength(2)
    expect((await written(test)).at(-1)).toMatchObject({ event: 'API_KEY_ROTATED', replaces: old.apiKey.id })
  })

  it('ends the old one at once without an overlap', async () => {
    await using test = await openPeople()
    const old = await test.createKey(test.ada)
    await use(test, old.text)
    const next = await rotate(test, old.apiKey.id, test.ada, 0)
    await expect(use(test, old.text)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await use(test, next.text)
  })

  it.each([-1, 0.5, 604_801, Number.NaN])('takes no overlap of %d seconds', async (overlapSeconds) => {
    await using test = await openPeople()
    const { apiKey } = await test.createKey(test.ada)
    await expect(rotate(test, apiKey.id, test.ada, overlapSeconds)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'The input is not valid. overlapSeconds: Must be a whole number from 0 to 604800.',
    })
    expect(await test.accounts.apiKeys(test.ada.principal)).toEqual([apiKey])
  })

  it('is done by one of several at once', async () => {
    await using test = await openPeople()
    const { apiKey } = await test.createKey(test.ada)
    const { worked, reasons } = await settle(Array.from({ length: 10 }, () => rotate(test, apiKey.id, test.ada)))
    expect([worked.length, countOf(reasons, 'INVALID_INPUT')]).toEqual([1, 9])
    expect(await test.accounts.apiKeys(test.ada.principal)).toHaveLength(2)
    await expect(rotate(test, apiKey.id, test.ada)).rejects.toMatchObject({
      message: 'The input is not valid. id: The key has been replaced already.',
    })
  })

  it('gives no key a longer life than it had', async () => {
    await using test = await openPeople()
    const old = await test.createKey(test.ada, { expiresAt: test.clock.now() + minute })
    await rotate(test, old.apiKey.id, test.ada)
    test.clock.advance(minute)
    await expect(use(test, old.text)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('leaves out scopes that the owner has lost, and makes no key without any', async () => {
    await using test = await openPeople()
    const other = await test.person('other', true)
    const mixed = await test.createKey(other, { scopes: ['jobs:read', 'admin'] })
    const only = await test.createKey(other, { scopes: ['admin'] })
    await test.accounts.setUserRoles({ id: other.id, roles: ['user'] }, client, test.root.principal)
    expect((await rotate(test, mixed.apiKey.id, other)).apiKey.scopes).toEqual(['jobs:read'])
    await expect(rotate(test, only.apiKey.id, other)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(await use(test, only.text)).toMatchObject({ scopes: [] })
  })
})
