import { CompiledQuery, Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { migrations } from '../../src/adapters/sql/migrations/migrations.ts'
import { openNodeSqlite } from '../../src/adapters/sql/node-sqlite.ts'
import { sqliteStore } from '../../src/adapters/sql/sqlite-store.ts'
import { newId } from '../../src/core/ids.ts'
import { isTerminal, jobStates } from '../../src/core/job.ts'
import { makeTestFolder } from '../support/open-test-store.ts'
import { strangeText } from './fixtures/account-engines.ts'

const [ada, eve] = [newId('user'), newId('user')]
const session = newId('session')

/** What the first release entered. */
const rows = [
  [`insert into settings (name, value) values ('storeId', 'abcdef')`],
  [
    `insert into users (id, email, email_key, display_name, roles, password_hash, created_at, disabled_at)
     values (?, 'Ada@example.com', 'ada@example.com', ?, '["user","admin"]', 'hash', 1790000000123, null)`,
    ada,
    strangeText,
  ],
  [
    `insert into users (id, email, email_key, display_name, roles, password_hash, created_at, disabled_at)
     values (?, 'eve@example.com', 'eve@example.com', 'ÉVE', '["user"]', null, 2, 3)`,
    eve,
  ],
  [
    `insert into sessions (id, user_id, secret_hash, delivery, assurance, authenticated_at, created_at, last_used_at,
       expires_at, ended_at, ip, user_agent)
     values (?, ?, 'secret hash', 'TOKENS', 1, 10, 11, 12, 1790000000123, null, '192.0.2.7', 'test')`,
    session,
    ada,
  ],
  ...jobStates.map((state, index): readonly [string, ...(string | number | null)[]] => [
    `insert into jobs (id, owner_id, task, task_version, state, priority, created_at, run_at, finished_at, input_hash)
     values (?, ?, 'double', '1', ?, 0, 5, 6, ?, 'h')`,
    `job_${index}`,
    ada,
    state,
    isTerminal(state) ? 7 : null,
  ]),
  [`insert into job_values (job_id, input, output) values ('job_3', '{"n":1}', '2'), ('job_4', '{}', null)`],
  [`insert into job_attempts (job_id, fence, node_id, started_at) values ('job_2', 1, 'node_1', 6)`],
  [
    `insert into artifacts (id, owner_id, hash, size, file_name, media_type, created_at)
     values ('art_1', ?, 'h', 1, 'f', 't/t', 5), ('art_2', ?, 'i', 1, 'f', 't/t', 5)`,
    ada,
    ada,
  ],
  [`insert into job_artifacts (job_id, artifact_id) values ('job_1', 'art_1')`],
  [
    `insert into topics (name, epoch, head, oldest) values
     ('job:job_1', 'epochOfJob', 1, 1), ('revocations', 'epochOfRevocations', 3, 2), ('sessions:usr_1', 'epochOfSessions', 1, 1)`,
  ],
  [
    `insert into events (topic, "offset", body, last) values
     ('job:job_1', 1, '{"n":1}', 0), ('revocations', 2, '{}', 0), ('revocations', 3, '{}', 0), ('sessions:usr_1', 1, '{}', 0)`,
  ],
] satisfies readonly (readonly [string, ...(string | number | null)[]])[]

/** A database as the first release left it. */
async function makeFirstDatabase(path: string): Promise<void> {
  const database = async () => openNodeSqlite(path, { readOnly: false })
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) })
  const first = Object.fromEntries(Object.entries(migrations).slice(0, 1))
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => first } }).migrateToLatest()
  expect(error).toBeUndefined()
  for (const [statement, ...values] of rows) await db.executeQuery(CompiledQuery.raw(statement, values))
  await db.destroy()
}

describe('a database of the first release', () => {
  it('goes over to this one with all that is in it', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    await makeFirstDatabase(path)
    await using store = await sqliteStore({ path })
    expect(store.id).toBe('abcdef')
    const found = await store.read(async ({ accounts }) => ({
      ada: await accounts.findUserByEmailKey('ada@example.com'),
      eve: await accounts.findUser(eve),
      session: await accounts.findSession(session),
    }))
    const known = { email: 'Ada@example.com', displayName: strangeText, passwordHash: 'hash', disabledAt: null }
    expect(found).toEqual({
      ada: { id: ada, ...known, emailVerifiedAt: null, roles: ['user', 'admin'], createdAt: 1_790_000_000_123 },
      eve: {
        id: eve,
        email: 'eve@example.com',
        emailVerifiedAt: null,
        displayName: 'ÉVE',
        roles: ['user'],
        passwordHash: null,
        createdAt: 2,
        disabledAt: 3,
      },
      session: {
        id: session,
        userId: ada,
        secretHash: 'secret hash',
        generation: 1,
        delivery: 'TOKENS',
        assurance: 1,
        methods: [],
        authenticatedAt: 10,
        createdAt: 11,
        lastUsedAt: 12,
        expiresAt: 1_790_000_000_123,
        endedAt: null,
        ip: '192.0.2.7',
        userAgent: 'test',
      },
    })
  })

  it('has its jobs and files afterwards, as whole as new ones', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    await makeFirstDatabase(path)
    await using store = await sqliteStore({ path })
    const seen = await store.read(async ({ ledger }) => ({
      job: await ledger.find('job_3'),
      outputs: [await ledger.output('job_3'), await ledger.output('job_4')],
      attempts: await ledger.attempts('job_2'),
      named: (await ledger.artifacts('job_1')).map(({ id }) => id),
      unfinished: await ledger.countUnfinished(ada),
      failed: (await ledger.list(ada, { limit: 9, filter: { states: ['FAILED'], task: 'double' } })).map(
        ({ id }) => id,
      ),
    }))
    expect(seen).toMatchObject({
      job: { state: 'SUCCEEDED', expiresAt: null, memoKey: null, memoizedFrom: null, retryOf: null, tags: [] },
      outputs: ['2', null],
      attempts: [{ fence: 1, nodeId: 'node_1', cpuMs: null }],
      named: ['art_1'],
      unfinished: 3,
      failed: ['job_4'],
    })
    await store.write(async ({ ledger, retention }) => {
      expect(await ledger.claim({ nodeId: 'node_2', limit: 9, now: 8 })).toMatchObject([{ id: 'job_1', fence: 1 }])
      expect(await ledger.promote(8, 9)).toMatchObject([{ id: 'job_0' }])
      expect(await retention.purgeJobs(8, 9)).toHaveLength(4)
      expect(await retention.purgeArtifacts(8, 9)).toEqual(['i'])
    })
  })

  it('has its events afterwards, and forgets those that are kept for a day', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    await makeFirstDatabase(path)
    await using store = await sqliteStore({ path })
    const topics = ['job:job_1', 'revocations', 'sessions:usr_1', 'none']
    const heads = async () => Object.fromEntries(await store.read(({ log }) => log.heads(topics)))
    const blank = await store.read(async ({ log }) => (await log.blanks())[0])
    const before = await heads()
    expect(before).toEqual({
      'job:job_1': { epoch: 'epochOfJob', offset: 1, oldest: 1, closed: false },
      revocations: { epoch: 'epochOfRevocations', offset: 3, oldest: 2, closed: false },
      'sessions:usr_1': { epoch: 'epochOfSessions', offset: 1, oldest: 1, closed: false },
      none: { epoch: blank, offset: 0, oldest: 1, closed: false },
    })
    const day = 24 * 3_600_000
    expect(await store.write(({ log }) => log.tidy(Date.now() + day - 60_000, 9))).toBe(0)
    expect(await store.write(({ log }) => log.tidy(Date.now() + day, 9))).toBe(2)
    expect(Object.entries(await heads()).map(([topic, { oldest }]) => [topic, oldest])).toEqual([
      ['job:job_1', 1],
      ['revocations', 4],
      ['sessions:usr_1', 2],
      ['none', 1],
    ])
    expect(await store.read(({ log }) => log.read('job:job_1', 0, 9))).toMatchObject([{ offset: 1, body: { n: 1 } }])
  })

  it('is used from then on like any other', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    await makeFirstDatabase(path)
    await using store = await sqliteStore({ path })
    const page = { search: 'éve', before: null, limit: 10 }
    expect(await store.read(({ accounts }) => accounts.listUsers(page))).toMatchObject([{ id: eve }])
    const change = { secretHash: 'newer', assurance: 2, methods: ['PASSWORD', 'TOTP'], authenticatedAt: 20 } as const
    expect(await store.write(({ accounts }) => accounts.renewSession(session, 1, change))).toBe(true)
    expect(await store.write(({ accounts }) => accounts.ensureUserHandle(ada, 'handle'))).toBe('handle')
    expect(await store.write(({ accounts }) => accounts.deleteUser(ada))).toBe(true)
    expect(await store.read(({ accounts }) => accounts.findSession(session))).toBeNull()
  })

  it('goes over once when several open it at the same time', async () => {
    await using folder = await makeTestFolder()
    const path = join(folder.path, 'db.sqlite')
    await makeFirstDatabase(path)
    const stores = await Promise.all(Array.from({ length: 4 }, () => sqliteStore({ path })))
    for (const store of stores) {
      expect(await store.read(({ accounts }) => accounts.findUser(ada))).toMatchObject({ displayName: strangeText })
      await store[Symbol.asyncDispose]()
    }
    const database = new DatabaseSync(path)
    const names = database.prepare('select name from kysely_migration order by name').all()
    database.close()
    expect(names.map(({ name }) => name)).toEqual(Object.keys(migrations))
  })
})
