import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import type { Accounts } from '../../../src/services/accounts/accounts.ts'
import type { ClientInfo } from '../../../src/services/accounts/client-info.ts'
import { createApiKeyUses } from '../../../src/services/accounts/api-keys/api-key-uses.ts'
import { newApiKey } from '../../../src/services/accounts/api-keys/api-key-text.ts'
import { attemptLimits } from '../../../src/services/accounts/limits/attempt-limits.ts'
import { eventually } from '../../support/eventually.ts'
import { codesOf } from './codes-of.ts'
import { client, nothing, settle } from './open-accounts.ts'
import { openPeople, type PeopleUnderTest } from './open-people.ts'

const invalid = { code: 'UNAUTHENTICATED', message: 'The API key is not valid.' }
const minute = 60_000

const use = ({ accounts }: Pick<PeopleUnderTest, 'accounts'>, apiKey: string, from: ClientInfo = client) =>
  accounts.authenticate({ ...nothing, apiKey }, from)

describe('coming in by an API key', () => {
  it('is refused in one sentence, whatever is wrong with it', async () => {
    await using test = await openPeople()
    const { ada, root, accounts } = test
    const good = await test.createKey(ada)
    const expired = await test.createKey(ada, { expiresAt: test.clock.now() + minute })
    const revoked = await test.createKey(ada)
    await accounts.revokeApiKey(revoked.apiKey.id, client, ada.principal)
    const eve = await test.person('eve')
    const ofDisabled = await test.createKey(eve)
    await accounts.disableUser(eve.id, client, root.principal)
    test.clock.advance(minute)
    const texts = {
      empty: '',
      prefix: 'mr_',
      mistyped: good.text.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      'of another installation': newApiKey(true).text,
      unknown: newApiKey(false).text,
      'of a good id with another secret': forged(good.text),
      expired: expired.text,
      revoked: revoked.text,
      'of a disabled user': ofDisabled.text,
      huge: `mr_${'x'.repeat(1e6)}`,
    }
    for (const text of Object.values(texts)) await expect(use(test, text)).rejects.toMatchObject(invalid)
    await expect(accounts.authenticate({ ...nothing, bearer: 'mr_nonsense' }, client)).rejects.toMatchObject(invalid)
    expect(await use(test, good.text)).toMatchObject({ kind: 'apiKey', userId: ada.id })
  })

  it('never falls through to a session that came along', async () => {
    await using test = await openPeople()
    const { cookie } = await test.signIn()
    const credentials = { apiKey: 'mr_nonsense', bearer: null, sessionCookie: cookie }
    await expect(test.accounts.authenticate(credentials, client)).rejects.toMatchObject(invalid)
  })

  it('makes a principal that has shown no factor and holds the scopes of the key', async () => {
    await using test = await openPeople()
    const { text, apiKey } = await test.createKey(test.ada)
    const expected = {
      kind: 'apiKey',
      userId: test.ada.id,
      scopes: ['jobs:read', 'jobs:write'],
      roles: ['user'],
      assurance: 1,
      authenticatedAt: 0,
      sessionId: null,
      generation: null,
      keyId: apiKey.id,
      expiresAt: null,
      mustEnrol: false,
    }
    expect(await use(test, text)).toEqual(expected)
    expect(await test.accounts.authenticate({ ...nothing, bearer: text }, client)).toEqual(expected)
  })

  it('gives no scope that the owner has lost, until they have it again', async () => {
    await using test = await openPeople()
    const other = await test.person('other', true)
    const { text } = await test.createKey(other, { scopes: ['jobs:read', 'admin'] })
    const scopesNow = async () => {
      const principal = await use(test, text)
      return principal.kind === 'anonymous' ? null : principal.scopes
    }
    expect(await scopesNow()).toEqual(['jobs:read', 'admin'])
    const setRoles = (roles: readonly ('user' | 'admin')[]) =>
      test.accounts.setUserRoles({ id: other.id, roles }, client, test.root.principal)
    await setRoles(['user'])
    expect(await scopesNow()).toEqual(['jobs:read'])
    await setRoles(['user', 'admin'])
    expect(await scopesNow()).toEqual(['jobs:read', 'admin'])
  })

  it('ends when it is revoked and when its owner is disabled, in every process', async () => {
    await using test = await openPeople()
    const elsewhere = await test.elsewhere()
    const { text, apiKey } = await test.createKey(test.ada)
    const eve = await test.person('eve')
    const ofEve = await test.createKey(eve)
    for (const known of [text, ofEve.text]) await use({ accounts: elsewhere }, known)
    await test.accounts.revokeApiKey(apiKey.id, client, test.ada.principal)
    await test.accounts.disableUser(eve.id, client, test.root.principal)
    for (const dead of [text, ofEve.text]) {
      await expect(use(test, dead)).rejects.toMatchObject(invalid)
      await eventually(async () => (await settle([use({ accounts: elsewhere }, dead)])).reasons.length === 1)
    }
    await test.accounts.enableUser(eve.id, client, test.root.principal)
    expect(await use(test, ofEve.text)).toMatchObject({ userId: eve.id })
  })

  it('ends at its expiry although it is remembered', async () => {
    await using test = await openPeople()
    const { text } = await test.createKey(test.ada, { expiresAt: test.clock.now() + minute })
    expect(await use(test, text)).toMatchObject({ expiresAt: test.clock.now() + minute })
    test.clock.advance(minute - 1)
    await use(test, text)
    test.clock.advance(1)
    await expect(use(test, text)).rejects.toMatchObject(invalid)
  })

  it('is held to the addresses of the key with every request', async () => {
    await using test = await openPeople()
    const { text } = await test.createKey(test.ada, { allowedIps: ['192.0.2.0/24', '2001:db8::/32'] })
    const from = (ip: string | null) => use(test, text, { ...client, ip })
    await from('192.0.2.200')
    await from('2001:db8::1')
    for (const ip of ['198.51.100.1', '2001:db9::1', null]) {
      await expect(from(ip)).rejects.toMatchObject({
        code: 'FORBIDDEN',
        message: 'The API key may not be used from this address.',
      })
    }
  })

  it.each([1, 7, 600, 997])(
    'is held to the rate of the key, %i a minute, remembered or not',
    async (requestsPerMinute) => {
      await using test = await openPeople({ limiters: { apiKeyUse: memoryRateLimiter(attemptLimits.apiKeyUse) } })
      const { text } = await test.createKey(test.ada, { requestsPerMinute })
      const other = await test.createKey(test.ada, { requestsPerMinute })
      const { worked, reasons } = await settle(Array.from({ length: requestsPerMinute + 5 }, () => use(test, text)))
      expect([worked.length, new Set(codesOf(reasons))]).toEqual([requestsPerMinute, new Set(['RATE_LIMITED'])])
      await use(test, other.text)
    },
  )

  it('costs a network that guesses its welcome, and nobody who holds a good key', async () => {
    const limited = memoryRateLimiter({ attempts: 3, seconds: 60 })
    await using test = await openPeople({ limiters: { apiKeyMissByNetwork: limited } })
    const { text } = await test.createKey(test.ada)
    for (let i = 0; i < 3; i += 1) await expect(use(test, forged(text))).rejects.toMatchObject(invalid)
    await expect(use(test, newApiKey(false).text)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    // A typing error is no guess.
    await expect(use(test, `${text}x`)).rejects.toMatchObject(invalid)
    expect(await use(test, text)).toMatchObject({ userId: test.ada.id })
    await expect(use(test, forged(text), { ...client, ip: '198.51.100.1' })).rejects.toMatchObject(invalid)
  })

  it('is noted as a use by the process that ends, at the latest', async () => {
    await using test = await openPeople()
    const { text } = await test.createKey(test.ada)
    const lastUsed = async () => (await test.accounts.apiKeys(test.ada.principal))[0]?.lastUsedAt
    // It is one: `openAccounts` closes it at the end of a test.
    const process = (await test.elsewhere()) as Accounts & AsyncDisposable
    await use({ accounts: process }, text)
    expect(await lastUsed()).toBeNull()
    await process[Symbol.asyncDispose]()
    expect(await lastUsed()).toBe(test.clock.now())
  })

  it('is noted as a use in few writes, the last one of each key', async () => {
    await using test = await openPeople()
    const keys = [await test.createKey(test.ada), await test.createKey(test.ada)]
    const uses = createApiKeyUses(test)
    const lastUsed = async () => (await test.accounts.apiKeys(test.ada.principal)).map(({ lastUsedAt }) => lastUsedAt)
    for (let i = 0; i < 1000; i += 1) for (const { apiKey } of keys) uses.note(apiKey.id)
    test.clock.advance(minute)
    uses.note(keys[0]?.apiKey.id ?? '')
    await uses.writeKeyUses()
    const now = test.clock.now()
    expect(new Set(await lastUsed())).toEqual(new Set([now - minute, now]))
    // Nothing is written twice: what another process wrote meanwhile stays.
    test.tamper('update api_keys set last_used_at = null')
    await uses.writeKeyUses()
    expect(await lastUsed()).toEqual([null, null])
  })
})

/** The same id with another secret, and a checksum that is right. */
function forged(text: string): string {
  const head = text.slice(0, 35) + 'z'.repeat(32)
  return head + crc32(head).toString(16).padStart(8, '0')
}
