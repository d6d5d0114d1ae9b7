import { describe, expect, it } from 'vitest'
import { newSecret } from '../../../src/core/secrets.ts'
import type { RefreshTokenRecord } from '../../../src/ports/accounts/account-records.ts'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { judgeRefreshToken } from '../../../src/services/accounts/sessions/refresh-verdict.ts'
import { userAgentClass } from '../../../src/services/accounts/sessions/user-agent-class.ts'
import {
  type AccountsUnderTest,
  ada,
  client,
  day,
  goodPassword,
  nothing,
  openAccounts,
  settle,
} from './open-accounts.ts'

const minute = 60_000
const invalid = {
  code: 'INVALID_REFRESH_TOKEN',
  message: 'The refresh token is wrong, used up or expired: sign in again.',
}

/** Somebody with a session of delivery TOKENS, and a second session that nothing here should touch. */
async function openFamily(overrides: Parameters<typeof openAccounts>[0] = {}) {
  const test = await openAccounts(overrides)
  const { cookie } = await test.signUp()
  const { tokens, session, user } = await test.signIn({ delivery: 'TOKENS' })
  const first = tokens?.refreshToken ?? ''
  const refresh = async (token: string) => (await test.accounts.refreshTokens(token, client)).refreshToken
  const session_ = async () => test.store.read(({ accounts }) => accounts.findSession(session.id))
  return { ...test, first, session, user, refresh, cookie, accessToken: tokens?.accessToken ?? '', stored: session_ }
}

const bearerOf = (test: Pick<AccountsUnderTest, 'accounts'>, bearer: string) =>
  test.accounts.authenticate({ ...nothing, bearer }, client)

const auditOf = (test: Pick<AccountsUnderTest, 'store'>) =>
  test.store.read(({ audit }) =>
    audit.list({ subjectId: null, event: 'REFRESH_TOKEN_REUSED', before: null, limit: 10 }),
  )

/** Whether the session lives, as a refresh token that was never shown says. */
async function expectEnded(test: Awaited<ReturnType<typeof openFamily>>, ...tokens: readonly string[]): Promise<void> {
  expect((await test.stored())?.endedAt).toBe(test.clock.now())
  for (const token of tokens) await expect(test.refresh(token)).rejects.toMatchObject(invalid)
  await expect(bearerOf(test, test.accessToken)).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
  expect(await auditOf(test)).toMatchObject([
    { subjectId: test.user.id, sessionId: test.session.id, outcome: 'FAILURE', actor: 'ANONYMOUS', ip: client.ip },
  ])
  // The owner's other session has nothing to do with it.
  expect(await test.accounts.authenticate({ ...nothing, sessionCookie: test.cookie }, client)).toMatchObject({
    userId: test.user.id,
  })
}

describe('a refresh token', () => {
  it('gives a new pair of tokens of the same session', async () => {
    await using test = await openFamily()
    test.clock.advance(9 * minute)
    const pair = await test.accounts.refreshTokens(test.first, client)
    expect(pair.refreshToken).not.toBe(test.first)
    expect(pair.refreshToken).toMatch(/^rft_[0-9a-z]{26}\.[A-Za-z0-9_-]{43}$/)
    expect(pair.refreshTokenExpiresAt).toBe(test.session.expiresAt)
    expect(pair.accessTokenExpiresAt).toBe(test.clock.now() + 10 * minute)
    expect(await bearerOf(test, pair.accessToken)).toMatchObject({ sessionId: test.session.id, assurance: 1 })
    expect(await test.refresh(pair.refreshToken)).not.toBe(pair.refreshToken)
  })

  it.each(['', 'x', 'rft_', '.', 'rft_00000000000000000000000000.', 'x'.repeat(1_000_000)])(
    'that is none is refused (case %#)',
    async (token) => {
      await using test = await openFamily()
      await expect(test.refresh(token)).rejects.toMatchObject(invalid)
    },
  )

  it('is refused with another secret, padded, or taken for something else', async () => {
    await using test = await openFamily()
    const [id = '', secret = ''] = test.first.split('.')
    const session = await test.stored()
    for (const token of [
      `${id}.${newSecret()}`,
      `${test.first}=`,
      ` ${test.first}`,
      `${id.toUpperCase()}.${secret}`,
      `${test.session.id}.${secret}`,
      `${id}.${session?.secretHash}`,
      test.accessToken,
      test.cookie ?? '',
    ]) {
      await expect(test.refresh(token)).rejects.toMatchObject(invalid)
    }
    // None of these was a use.
    expect(await test.refresh(test.first)).toMatch(/^rft_/)
  })

  it('gives ten who ask at once one and the same successor', async () => {
    await using test = await openFamily()
    const elsewhere = await test.elsewhere()
    const asked = Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? test.accounts : elsewhere).refreshTokens(test.first, client),
    )
    const { worked, reasons } = await settle(asked)
    expect(reasons).toEqual([])
    const successors = new Set(worked.map(({ refreshToken }) => refreshToken))
    expect(successors.size).toBe(1)
    for (const { accessToken } of worked) expect(await bearerOf(test, accessToken)).toMatchObject({ kind: 'user' })
    // One member of the family that is not retired: the eleventh, after the window, ends it.
    const [successor = ''] = successors
    test.clock.advance(20_000)
    await expect(test.refresh(test.first)).rejects.toMatchObject(invalid)
    await expectEnded(test, successor, test.first)
  })

  it('gives the same successor for twenty seconds after its first use, and asking does not make them longer', async () => {
    await using test = await openFamily()
    const successor = await test.refresh(test.first)
    for (let seconds = 0; seconds < 19; seconds += 1) {
      test.clock.advance(1000)
      expect(await test.refresh(test.first)).toBe(successor)
    }
    test.clock.advance(999)
    expect(await test.refresh(test.first)).toBe(successor)
    test.clock.advance(1)
    await expect(test.refresh(test.first)).rejects.toMatchObject(invalid)
    await expectEnded(test, successor)
  })

  it('that is shown again ends the session at once when its successor was used: A gives B, B gives C, A ends all', async () => {
    await using test = await openFamily()
    const second = await test.refresh(test.first)
    const third = await test.refresh(second)
    expect(await test.refresh(second)).toBe(third)
    await expect(test.refresh(test.first)).rejects.toMatchObject(invalid)
    await expectEnded(test, third, second, test.first)
  })

  it('that was used long ago ends the session, also when its sealed successor is forgotten', async () => {
    await using test = await openFamily()
    const second = await test.refresh(test.first)
    test.clock.advance(9 * minute)
    await test.store.write(({ accounts }) => accounts.forgetSuccessors(test.clock.now()))
    await expect(test.refresh(test.first)).rejects.toMatchObject(invalid)
    await expectEnded(test, second)
  })

  it('tells its owner by mail when it was shown again', async () => {
    await using test = await openFamily()
    const waiting = () => test.store.read(({ mails }) => mails.count())
    const before = await waiting()
    const second = await test.refresh(test.first)
    await test.refresh(second)
    await expect(test.refresh(test.first)).rejects.toMatchObject(invalid)
    expect(await waiting()).toBe(before + 1)
    // The session is dead: there is nothing more to tell.
    await expect(test.refresh(test.first)).rejects.toMatchObject(invalid)
    expect(await waiting()).toBe(before + 1)
  })

  it('has no second life where there is no window of grace', async () => {
    await using test = await openFamily({ policy: { refreshGraceMs: 0 } })
    const second = await test.refresh(test.first)
    await expect(test.refresh(test.first)).rejects.toMatchObject(invalid)
    await expectEnded(test, second)
  })

  it('is dead after a renewal of the session, without ending it: it may have been on its way', async () => {
    await using test = await openFamily()
    const second = await test.refresh(test.first)
    const renewed = await test.accounts.changePassword(
      { currentPassword: goodPassword, newPassword: 'seven quiet harbours', keepOtherSessions: true },
      client,
      await bearerOf(test, test.accessToken),
    )
    await expect(test.refresh(second)).rejects.toMatchObject(invalid)
    await expect(test.refresh(test.first)).rejects.toMatchObject(invalid)
    expect((await test.stored())?.endedAt).toBeNull()
    const pair = await test.accounts.refreshTokens(renewed.tokens?.refreshToken ?? '', client)
    expect(await bearerOf(test, pair.accessToken)).toMatchObject({ sessionId: test.session.id })
  })

  it('gives tokens of the generation that its session has then', async () => {
    await using test = await openFamily()
    test.tamper('update sessions set generation = 7 where id = ?', test.session.id)
    const { accessToken } = await test.accounts.refreshTokens(test.first, client)
    expect(await bearerOf(test, accessToken)).toMatchObject({ kind: 'user' })
    await expect(bearerOf(test, test.accessToken)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('is dead with its session and with its user', async () => {
    for (const end of ['sign-out', 'disabled', 'deleted'] as const) {
      await using test = await openFamily()
      if (end === 'sign-out') await test.accounts.signOut(await bearerOf(test, test.accessToken), client)
      else if (end === 'disabled') test.tamper('update users set disabled_at = 1')
      else await test.store.write(({ accounts }) => accounts.deleteUser(test.user.id))
      await expect(test.refresh(test.first)).rejects.toMatchObject(invalid)
      expect(await auditOf(test)).toEqual([])
    }
  })

  it('does not outlive the idle time of the session, nor its absolute lifetime', async () => {
    await using idle = await openFamily()
    idle.clock.advance(14 * day)
    await expect(idle.refresh(idle.first)).rejects.toMatchObject(invalid)

    await using used = await openFamily()
    let token = used.first
    for (let passed = 0; passed < 89; passed += 1) {
      used.clock.advance(day)
      token = await used.refresh(token)
    }
    used.clock.advance(day)
    await expect(used.refresh(token)).rejects.toMatchObject(invalid)
  })

  it('works for the kind of client that its session was started by', async () => {
    await using test = await openFamily()
    const asks = (userAgent: string | null) => test.accounts.refreshTokens(test.first, { ...client, userAgent })
    await expect(asks('Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0')).rejects.toMatchObject(invalid)
    expect((await test.stored())?.endedAt).toBeNull()
    expect(await asks('test 2.0, newly updated')).toMatchObject({ accessToken: expect.any(String) })
  })

  it('is limited by network, whether it is right or not', async () => {
    const refreshByNetwork = memoryRateLimiter({ attempts: 2, seconds: 60 })
    await using test = await openFamily({ limiters: { refreshByNetwork } })
    await expect(test.refresh('x')).rejects.toMatchObject(invalid)
    const second = await test.refresh(test.first)
    await expect(test.refresh(second)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    const { refreshToken } = await test.accounts.refreshTokens(second, { ...client, ip: '198.51.100.7' })
    expect(refreshToken).toMatch(/^rft_/)
  })

  it('is not there for a session by cookie', async () => {
    await using test = await openAccounts()
    const { tokens } = await test.signUp(ada)
    expect(tokens).toBeNull()
    const rows = test.dump().filter((value) => typeof value === 'string' && value.startsWith('rft_'))
    expect(rows).toEqual([])
  })

  it('keeps its successor so that only who shows it can read it', async () => {
    await using test = await openFamily()
    const second = await test.refresh(test.first)
    const everything = test.dump().map(String).join('\n')
    expect(everything).toContain(second.split('.')[0])
    for (const token of [test.first, second]) expect(everything).not.toContain(token.split('.')[1])
  })
})

describe('the verdict on a refresh token', () => {
  const at = { now: 100_000, graceMs: 20_000 }
  const token = (changes: Partial<RefreshTokenRecord> = {}): RefreshTokenRecord => ({
    id: 'rft_1',
    sessionId: 'ses_1',
    secretHash: 'hash',
    createdAt: 0,
    expiresAt: 1e12,
    retiredAt: null,
    successorSealed: null,
    successorId: null,
    ...changes,
  })
  const used = (retiredAt: number) => token({ retiredAt, successorId: 'rft_2', successorSealed: 'sealed' })

  it.each([
    ['that was not used', token(), null, 'FRESH'],
    ['that was used just now', used(100_000), token(), 'REPEATED'],
    ['at the last moment of grace', used(80_001), token(), 'REPEATED'],
    ['after its grace', used(80_000), token(), 'REUSED'],
    ['whose successor was used', used(99_999), used(100_000), 'REUSED'],
    ['whose successor is gone', used(99_999), null, 'REUSED'],
    ['whose sealed successor was forgotten', { ...used(99_999), successorSealed: null }, token(), 'REUSED'],
    ['that a renewal retired', token({ retiredAt: 99_999 }), null, 'VOID'],
    ['whose successor a renewal retired', used(99_999), token({ retiredAt: 100_000 }), 'VOID'],
    ['whose successor a renewal retired, after its grace', used(1), token({ retiredAt: 100_000 }), 'REUSED'],
    ['that was used in the future, by a clock that was set back', used(200_000), token(), 'REPEATED'],
  ] as const)('%s', (_case, shown, successor, verdict) => {
    expect(judgeRefreshToken(shown, successor, at)).toBe(verdict)
  })
})

describe('the kind of a client', () => {
  it.each([
    [null, 'other'],
    ['', 'other'],
    ['curl/8.0', 'other'],
    ['MyApp/1.0 CFNetwork/1410', 'other'],
    ['like Mozilla/5.0', 'other'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)', 'browser'],
  ] as const)('that calls itself %j is %s', (userAgent, kind) => {
    expect(userAgentClass(userAgent)).toBe(kind)
  })
})
