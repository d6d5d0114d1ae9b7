import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import { newSecret } from '../../src/core/secrets.ts'
import type { Records } from '../../src/ports/store.ts'
import { openTestStore, type TestStore } from '../support/open-test-store.ts'
import { enterUser, newSession } from './fixtures/account-engines.ts'

/** A user with something in every table that knows users. */
async function enterWhole(store: TestStore): Promise<string> {
  const { id: userId } = await enterUser(store)
  await store.write(async (records) => {
    await enterCredentials(records, userId)
    await enterFactors(records, userId)
  })
  return userId
}

async function enterCredentials(records: Records, userId: string): Promise<void> {
  const times = { createdAt: 1, expiresAt: 5000, lastUsedAt: null }
  const session = newSession(userId)
  await records.accounts.insertSession(session)
  const token = { id: newId('refreshToken'), sessionId: session.id, secretHash: 'h', createdAt: 1, expiresAt: 5000 }
  await records.accounts.insertRefreshToken({ ...token, retiredAt: null, successorSealed: null, successorId: null })
  const key = { id: newId('apiKey'), userId, name: 'key', secretHash: 'h', lastFour: 'abcd', ...times }
  const limits = { scopes: [], allowedIps: [], requestsPerMinute: 1, revokedAt: null, successorId: null }
  await records.apiKeys.insert({ ...key, ...limits })
  const identity = { id: newId('identity'), userId, provider: 'github', subject: newSecret(), email: null }
  await records.identities.insert({ ...identity, createdAt: 1, lastUsedAt: null })
  const reset = { id: newId('oneTimeToken'), purpose: 'PASSWORD_RESET', secretHash: 'h', userId } as const
  const open = { boundTo: null, data: '{}', createdAt: 1, expiresAt: 5000, usedAt: null, attempts: 0 }
  await records.oneTimeTokens.insert({ ...reset, ...open })
}

async function enterFactors(records: Records, userId: string): Promise<void> {
  await records.devices.note(userId, 'device', 1)
  await records.factors.beginTotp({ userId, secretSealed: 's', createdAt: 1 })
  await records.factors.setRecoveryCodes(userId, ['a', 'b'])
  const use = { userId, topic: 'notices', key: 'k', inputHash: 'h', expiresAt: 5000 }
  await records.idempotencyKeys.claim(use, 1)
  const passkey = { id: newId('passkey'), userId, credentialId: newSecret(), publicKey: 'k', counter: 0, name: 'p' }
  const flags = { transports: [], aaguid: 'a', backupEligible: false, backedUp: false, flaggedAt: null }
  await records.passkeys.insert({ ...passkey, ...flags, createdAt: 1, lastUsedAt: null })
}

/** How many rows of each table that knows users are the user's. */
function rowsOf(store: TestStore, userId: string): ReadonlyMap<string, number> {
  const database = new DatabaseSync(store.path)
  const tables = database
    .prepare(
      `select m.name from sqlite_schema m join pragma_table_info(m.name) c where m.type = 'table' and c.name = 'user_id'`,
    )
    .all()
  const counts = tables.map(({ name }): [string, number] => {
    const row = database.prepare(`select count(*) as n from ${String(name)} where user_id = ?`).get(userId)
    return [String(name), Number(row?.['n'])]
  })
  const sql = 'select count(*) as n from refresh_tokens join sessions on sessions.id = session_id where user_id = ?'
  const tokens = Number(database.prepare(sql).get(userId)?.['n'])
  database.close()
  return new Map([...counts, ['refresh_tokens', tokens]])
}

describe('whatever belongs to a user', () => {
  it('goes with them, and leaves what belongs to others', async () => {
    await using store = await openTestStore()
    const [ada, eve] = [await enterWhole(store), await enterWhole(store)]
    const before = rowsOf(store, ada)
    expect([...before.keys()].toSorted()).toEqual([
      'api_keys',
      'idempotency_keys',
      'identities',
      'known_devices',
      'one_time_tokens',
      'passkeys',
      'recovery_codes',
      'refresh_tokens',
      'sessions',
      'totp_secrets',
    ])
    for (const [table, count] of before) expect(`${table}: ${count > 0}`).toBe(`${table}: true`)

    expect(await store.write(({ accounts }) => accounts.deleteUser(ada))).toBe(true)
    for (const [table, count] of rowsOf(store, ada)) expect(`${table}: ${count}`).toBe(`${table}: 0`)
    expect(rowsOf(store, eve)).toEqual(before)
    expect(await store.read(({ retention }) => retention.departedOwners(0, 10))).toEqual([ada])
    const database = new DatabaseSync(store.path)
    expect(database.prepare('select count(*) as n from refresh_tokens').get()?.['n']).toBe(1)
    expect(database.prepare('pragma foreign_key_check').all()).toEqual([])
    database.close()
  })
})
