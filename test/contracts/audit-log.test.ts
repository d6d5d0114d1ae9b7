import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import { auditEvents, type AuditEventRecord, type AuditQuery } from '../../src/ports/accounts/audit-log.ts'
import type { Store } from '../../src/ports/store.ts'
import { openTestStore } from '../support/open-test-store.ts'
import { engines, enterUser, strangeText } from './fixtures/account-engines.ts'

function newEvent(overrides: Partial<AuditEventRecord> = {}): AuditEventRecord {
  return {
    id: newId('auditEvent'),
    at: 1_790_000_000_123,
    event: 'SIGNED_IN',
    outcome: 'SUCCESS',
    actor: 'USER',
    actorId: 'usr_actor',
    subjectId: 'usr_subject',
    sessionId: 'ses_1',
    keyId: null,
    methods: ['PASSWORD', 'TOTP'],
    assurance: 2,
    ip: '192.0.2.7',
    userAgent: strangeText,
    requestId: 'r-1',
    details: {},
    ...overrides,
  }
}

async function append(store: Store, ...events: readonly AuditEventRecord[]): Promise<void> {
  for (const event of events) await store.write(({ audit }) => audit.append(event))
}

const list = (store: Store, query: Partial<AuditQuery> = {}) =>
  store.read(({ audit }) => audit.list({ subjectId: null, event: null, before: null, limit: 100, ...query }))

describe.each(Object.entries(engines))('the audit log in %s', (_name, { open }) => {
  it('keeps every kind of event as it was appended, newest first', async () => {
    await using store = await open()
    const events = auditEvents.map((event) => newEvent({ event }))
    await append(store, ...events)
    expect(await list(store)).toEqual(events.toReversed())
  })

  it('keeps what is not known as null, and small facts of every kind', async () => {
    await using store = await open()
    const nobody = { actor: 'ANONYMOUS', actorId: null, subjectId: null, sessionId: null, methods: [] } as const
    const unknown = { assurance: null, ip: null, userAgent: null, requestId: null } as const
    const events = [
      newEvent({ ...nobody, ...unknown, outcome: 'FAILURE' }),
      newEvent({ actor: 'API_KEY', keyId: 'key_1', assurance: 1 }),
      newEvent({
        actor: 'OPERATOR',
        details: { [strangeText]: strangeText, n: -1.5, yes: true, no: false, no1: null },
      }),
    ]
    await append(store, ...events)
    expect(await list(store)).toEqual(events.toReversed())
  })

  it('refuses a second event under an id', async () => {
    await using store = await open()
    const event = newEvent()
    await append(store, event)
    await expect(append(store, { ...event, event: 'SIGNED_OUT' })).rejects.toThrow(/unique/i)
    expect(await list(store)).toEqual([event])
  })

  it('is read by subject, by event and by page, each event once', async () => {
    await using store = await open()
    const [one, two, three, four] = [
      newEvent(),
      newEvent({ event: 'SIGNED_OUT' }),
      newEvent({ subjectId: 'usr_other' }),
      newEvent(),
    ]
    await append(store, one, two, three, four)
    const page = await list(store, { limit: 2 })
    expect(page).toEqual([four, three])
    expect(await list(store, { before: three.id, limit: 2 })).toEqual([two, one])
    expect(await list(store, { before: one.id })).toEqual([])
    expect(await list(store, { subjectId: 'usr_subject' })).toEqual([four, two, one])
    expect(await list(store, { event: 'SIGNED_OUT' })).toEqual([two])
    expect(await list(store, { subjectId: 'usr_subject', event: 'SIGNED_IN', before: four.id })).toEqual([one])
    expect(await list(store, { subjectId: 'usr_nobody' })).toEqual([])
  })

  it('outlives the user whom it is about', async () => {
    await using store = await open()
    const { id } = await enterUser(store)
    const event = newEvent({ actorId: id, subjectId: id, event: 'ACCOUNT_DELETED' })
    await append(store, event)
    await store.write(({ accounts }) => accounts.deleteUser(id))
    expect(await list(store, { subjectId: id })).toEqual([event])
  })

  it('forgets the oldest, never more than asked for', async () => {
    await using store = await open()
    const events = [3, 1, 2, 5, 4].map((at) => newEvent({ at }))
    await append(store, ...events)
    const purge = () => store.write(({ audit }) => audit.purge(4, 2))
    expect(await purge()).toBe(2)
    expect((await list(store)).map(({ at }) => at)).toEqual([4, 5, 3])
    expect(await purge()).toBe(1)
    expect(await purge()).toBe(0)
    expect((await list(store)).map(({ at }) => at)).toEqual([4, 5])
  })
})

describe('an audit event that was changed by another hand', () => {
  it('has neither methods nor facts that this release would not write', async () => {
    await using store = await openTestStore()
    await append(store, newEvent())
    const database = new DatabaseSync(store.path)
    database
      .prepare('update audit_events set methods = ?, details = ?')
      .run('["IRIS","TOTP"]', '{"a":[1],"b":{"c":1},"d":"e"}')
    database.close()
    expect(await list(store)).toMatchObject([{ methods: ['TOTP'], details: { d: 'e' } }])
  })
})
