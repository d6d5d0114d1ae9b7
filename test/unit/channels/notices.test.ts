import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import { anonymous, type KnownPrincipal } from '../../../src/core/principal.ts'
import type { NewNotice } from '../../../src/services/channels/read-new-notice.ts'
import { somebody } from '../../support/principals.ts'
import { openTestChannels, takeItems, type TestChannels } from './open-channels.ts'

const client = { ip: '192.0.2.7', userAgent: 'test', device: null, requestId: 'req_1' }
const day = 24 * 3_600_000

const wish = (changes: Partial<NewNotice> = {}): NewNotice => ({
  text: 'Down from ten to eleven.',
  severity: 'WARNING',
  until: null,
  idempotencyKey: null,
  ...changes,
})
const newAdministrator = (test: TestChannels) => test.newUser({ roles: ['user', 'admin'] })
const inForce = (test: TestChannels) => test.notices.inForce(somebody())
const publish = (test: TestChannels, by: KnownPrincipal, changes: Partial<NewNotice> = {}) =>
  test.notices.publish(by, wish(changes), client)
const auditLines = (test: TestChannels) =>
  test.store.read(({ audit }) => audit.list({ subjectId: null, event: null, before: null, limit: 10 }))

describe('a notice', () => {
  it('is in force from its publication on, for a week unless it is said, and is written down', async () => {
    await using test = await openTestChannels()
    const root = await newAdministrator(test)
    const notice = await publish(test, root, { text: '  Down from ten\nto eleven. 😀 ' })
    const now = test.clock.now()
    expect(notice).toEqual({
      id: expect.stringMatching(/^ntc_/),
      text: 'Down from ten\nto eleven. 😀',
      severity: 'WARNING',
      publishedAt: now,
      until: now + 7 * day,
    })
    const short = await publish(test, root, { until: now + 1 })
    expect(await inForce(test)).toEqual([short, notice])
    test.clock.advance(1)
    expect(await inForce(test)).toEqual([notice])
    const [, line] = await auditLines(test)
    expect(line).toMatchObject({
      event: 'NOTICE_PUBLISHED',
      actorId: root.userId,
      subjectId: null,
      ip: client.ip,
      details: { noticeId: notice.id, severity: 'WARNING' },
    })
    // Nor does anybody read who wrote it.
    expect(JSON.stringify(notice)).not.toContain(root.userId)
  })

  it('is withdrawn once, by any administrator', async () => {
    await using test = await openTestChannels()
    const [root, other] = [await newAdministrator(test), await newAdministrator(test)]
    const { id } = await publish(test, root)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => test.notices.withdraw(n % 2 === 0 ? root : other, id, client)),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'NOT_FOUND' } })
    expect(await inForce(test)).toEqual([])
    const lines = await auditLines(test)
    expect(lines.map(({ event }) => event)).toEqual(['NOTICE_WITHDRAWN', 'NOTICE_PUBLISHED'])
    expect(lines[0]?.details).toEqual({ noticeId: id })
    for (const none of ['', 'x', newId('notice'), newId('user')])
      await expect(test.notices.withdraw(root, none, client)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is told to who listens: those in force, then what is published and withdrawn; and to who comes back', async () => {
    await using test = await openTestChannels()
    const root = await newAdministrator(test)
    const first = await publish(test, root)
    const stream = await test.notices.watch(somebody(), null)
    const at = test.clock.now()
    const { value: opening } = await stream.next()
    expect(opening?.body).toEqual({ type: 'NoticesSnapshot', at, notices: [first] })
    const second = await publish(test, root, { severity: 'CRITICAL' })
    await test.notices.withdraw(root, first.id, client)
    const told = [
      { type: 'NoticePublished', at, notice: second },
      { type: 'NoticeWithdrawn', at, noticeId: first.id },
    ]
    expect((await takeItems(stream, 2)).map(({ body }) => body)).toEqual(told)
    const again = await test.notices.watch(somebody(), { after: opening?.cursor ?? '', onGap: 'error' })
    expect((await takeItems(again, 2)).map(({ body }) => body)).toEqual(told)
    const fresh = await test.notices.watch(somebody(), null)
    expect((await takeItems(fresh, 1))[0]?.body).toMatchObject({ notices: [second] })
  })

  it('is published once under one key, also by twenty at once', async () => {
    await using test = await openTestChannels()
    const root = await newAdministrator(test)
    const all = await Promise.all(Array.from({ length: 20 }, () => publish(test, root, { idempotencyKey: 'k' })))
    expect(new Set(all.map(({ id }) => id)).size).toBe(1)
    test.clock.advance(1000)
    expect(await publish(test, root, { idempotencyKey: 'k' })).toEqual(all[0])
    expect(await inForce(test)).toEqual([all[0]])
    expect(await auditLines(test)).toHaveLength(1)
    for (const changes of [{ text: 'other' }, { severity: 'INFO' }, { until: test.clock.now() + 1 }] as const) {
      await expect(publish(test, root, { idempotencyKey: 'k', ...changes })).rejects.toMatchObject({
        code: 'IDEMPOTENCY_CONFLICT',
      })
    }
  })

  it('is refused with everything that is wrong with it', async () => {
    await using test = await openTestChannels()
    const root = await newAdministrator(test)
    const pathsOf = (changes: object) =>
      publish(test, root, changes).then(
        () => [],
        (error: unknown) => (error as { issues: { path: string[] }[] }).issues.map(({ path }) => path.join('.')), // InvalidInputError
      )
    const now = test.clock.now()
    expect(await pathsOf({ text: '', severity: 'LOUD', until: now, idempotencyKey: '' })).toEqual([
      'text',
      'severity',
      'until',
      'idempotencyKey',
    ])
    for (const text of [' \n\t', 'a\u0000', 'a\tb', '\ud800', '\u202e', 'x'.repeat(2001), 'x'.repeat(1_000_000)])
      expect([text.slice(0, 5), await pathsOf({ text })]).toEqual([text.slice(0, 5), ['text']])
    for (const until of [now - 1, now + 366 * day + 1, Number.NaN]) expect(await pathsOf({ until })).toEqual(['until'])
    expect(await inForce(test)).toEqual([])
    expect(await pathsOf({ text: '😀'.repeat(2000), until: now + 366 * day })).toEqual([])
  })

  it('is one of a hundred at most', async () => {
    await using test = await openTestChannels()
    const root = await newAdministrator(test)
    const all = await Promise.all(Array.from({ length: 100 }, (_, n) => publish(test, root, { text: `${n}` })))
    await expect(publish(test, root)).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED', quota: 'notices', limit: 100 })
    await test.notices.withdraw(root, all[0]?.id ?? '', client)
    await publish(test, root)
  })

  it('is counted as a message is', async () => {
    await using test = await openTestChannels({ messagesPerMinuteByUser: 2 })
    const root = await newAdministrator(test)
    const { id } = await publish(test, root)
    await test.notices.withdraw(root, id, client)
    await expect(publish(test, root)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await expect(test.notices.withdraw(root, id, client)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })

  it('is forgotten once it is out of force', async () => {
    await using test = await openTestChannels()
    const root = await newAdministrator(test)
    const short = await publish(test, root, { until: test.clock.now() + 1 })
    const long = await publish(test, root)
    test.clock.advance(1)
    await test.sweep()
    const purge = (now: number) => test.store.write(({ notices }) => notices.purge(now, 10))
    expect(await purge(short.until)).toBe(0)
    expect(await inForce(test)).toEqual([long])
  })
})

describe('notices', () => {
  it('are read by whoever is signed in with the scope channels:read', async () => {
    await using test = await openTestChannels()
    const codes = async (who: Parameters<typeof test.notices.inForce>[0]) =>
      (await Promise.allSettled([test.notices.inForce(who), test.notices.watch(who, null)])).map(
        (outcome) => (outcome.status === 'fulfilled' ? 'ok' : String((outcome.reason as { code?: unknown }).code)), // a refusal
      )
    const refused = { kind: 'anonymous', refused: 'SESSION_REVOKED' } as const
    expect(await codes(somebody({ scopes: ['channels:read'] }))).toEqual(['ok', 'ok'])
    expect(await codes(anonymous)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED'])
    expect(await codes(refused)).toEqual(['SESSION_REVOKED', 'SESSION_REVOKED'])
    expect(await codes(somebody({ scopes: ['admin'] }))).toEqual(['INSUFFICIENT_SCOPE', 'INSUFFICIENT_SCOPE'])
    const enrolling = somebody({ scopes: ['account:read'], mustEnrol: true })
    expect(await codes(enrolling)).toEqual(['MFA_ENROLMENT_REQUIRED', 'MFA_ENROLMENT_REQUIRED'])
  })

  it('are changed by administrators in person only, who have shown their factors lately', async () => {
    await using test = await openTestChannels()
    const [root, ada] = [await newAdministrator(test), await test.newUser()]
    const { id } = await publish(test, root)
    const codes = async (who: Parameters<typeof test.notices.withdraw>[0]) => {
      const outcomes = await Promise.allSettled([
        test.notices.publish(who, wish(), client),
        test.notices.withdraw(who, id, client),
      ])
      return outcomes.map(
        (outcome) => (outcome.status === 'fulfilled' ? 'ok' : String((outcome.reason as { code?: unknown }).code)), // a refusal
      )
    }
    expect(await codes(anonymous)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED'])
    expect(await codes(ada)).toEqual(['INSUFFICIENT_SCOPE', 'INSUFFICIENT_SCOPE'])
    const key = { ...root, kind: 'apiKey', sessionId: null, keyId: newId('apiKey') } as const
    expect(await codes(key)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
    // Who says to be an administrator, and is none any more.
    expect(await codes({ ...ada, roles: root.roles, scopes: root.scopes })).toEqual([
      'INSUFFICIENT_SCOPE',
      'INSUFFICIENT_SCOPE',
    ])
    test.clock.advance(5 * 60_000)
    expect(await codes(root)).toEqual(['STEP_UP_REQUIRED', 'STEP_UP_REQUIRED'])
    expect(await inForce(test)).toHaveLength(1)
  })
})
