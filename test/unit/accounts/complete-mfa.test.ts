import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { newSecret } from '../../../src/core/secrets.ts'
import { client, nothing, settle } from './open-accounts.ts'
import { minute, openFactors, openWithApp, step } from './open-factors.ts'
import { browser } from './open-passkeys.ts'

const invalidChallenge = {
  code: 'INVALID_CHALLENGE',
  message: 'The challenge is unknown, used up or expired: begin again.',
}

describe('the second step of a sign-in', () => {
  it('starts a session with both factors shown', async () => {
    await using test = await openWithApp()
    const { challengeToken, methods, expiresAt, attemptsRemaining, passkeyOptions } = await test.challenge()
    expect({ methods, passkeyOptions, attemptsRemaining }).toEqual({
      methods: ['TOTP', 'RECOVERY_CODE'],
      passkeyOptions: null,
      attemptsRemaining: 5,
    })
    expect(expiresAt).toBe(test.clock.now() + 5 * minute)
    const signedIn = await test.complete(challengeToken, { method: 'TOTP', code: test.code(test.owner) })
    expect(signedIn.session).toMatchObject({ assurance: 2, methods: ['PASSWORD', 'TOTP'], delivery: 'COOKIE' })
    expect(signedIn.tokens).toBeNull()
    expect(await test.whoIs(signedIn)).toMatchObject({ userId: test.owner.userId, assurance: 2 })
    expect((await test.audited('MFA_CHALLENGED')).at(-1)).toMatchObject({ subjectId: test.owner.userId, assurance: 1 })
    expect((await test.audited('SIGNED_IN')).at(-1)).toMatchObject({
      subjectId: test.owner.userId,
      sessionId: signedIn.session.id,
      methods: ['PASSWORD', 'TOTP'],
      assurance: 2,
    })
  })

  it('gives tokens where they were asked for in the first, from any connection', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge('TOKENS', client)
    const proof = { method: 'TOTP', code: test.code(test.owner) } as const
    const signedIn = await test.complete(challengeToken, proof, { ...client, ip: '198.51.100.9' })
    expect(signedIn.cookie).toBeNull()
    expect(await test.whoIs(signedIn)).toMatchObject({ assurance: 2 })
  })

  it('ends the session that the request came with', async () => {
    await using test = await openWithApp()
    const planted = await test.signUp({ email: 'mallory@example.com' })
    const present = await test.whoIs(planted)
    const { challengeToken } = await test.challenge()
    const proof = { method: 'TOTP', code: test.code(test.owner) } as const
    await test.accounts.completeMfa({ challengeToken, proof }, browser, present)
    const credentials = { ...nothing, sessionCookie: planted.cookie }
    expect(await test.accounts.authenticate(credentials, client)).toMatchObject({ refused: 'SESSION_REVOKED' })
  })

  it('lets nobody in whose address has to be confirmed and is not', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    const strict = await test.restart({ policy: { emailVerification: true } })
    const proof = { method: 'TOTP', code: test.code(test.owner) } as const
    const complete = () => strict.completeMfa({ challengeToken, proof }, browser, anonymous)
    await expect(complete()).rejects.toMatchObject({ code: 'EMAIL_NOT_VERIFIED' })
    test.tamper('update users set email_verified_at = 1')
    expect(await complete()).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it('remembers the browser, and tells the owner of a new one', async () => {
    await using test = await openWithApp()
    test.clock.advance(minute)
    await test.signInWithCode(test.owner)
    await test.signInWithCode(test.owner)
    const news = (await test.notices()).filter(({ kind }) => kind === 'NEW_DEVICE')
    expect(news).toHaveLength(1)
  })

  it('leaves nothing of a session before it: no cookie, no token, no row', async () => {
    await using test = await openWithApp()
    const before = await test.accounts.sessions(test.owner.principal)
    const entered = await test.challenge('TOKENS', client)
    expect(Object.keys(entered).toSorted()).toEqual([
      'attemptsRemaining',
      'challengeToken',
      'expiresAt',
      'kind',
      'methods',
      'passkeyOptions',
    ])
    expect(await test.accounts.sessions(test.owner.principal)).toEqual(before)
    const { challengeToken } = entered
    await expect(test.accounts.authenticate({ ...nothing, bearer: challengeToken }, client)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    })
    expect(await test.accounts.authenticate({ ...nothing, sessionCookie: challengeToken }, client)).toMatchObject({
      kind: 'anonymous',
    })
    expect(test.dump().map(String).join('\n')).not.toContain(challengeToken.split('.')[1])
  })

  it.each(['TOTP', 'RECOVERY_CODE'] as const)('refuses what is no code of the account: %s', async (method) => {
    await using test = await openWithApp()
    const eve = await test.enrol(await test.join('eve'))
    test.clock.advance(10 * step)
    const wrong = ['', 'x', '123456789', '１２３４５６', 'x'.repeat(1e6), test.code(eve), test.code(test.owner, -2)]
    for (const code of [...wrong, test.code(test.owner, 1), test.wrongCode(test.owner), eve.recoveryCodes[0] ?? '']) {
      const { challengeToken } = await test.challenge()
      const attempt = test.complete(challengeToken, { method, code })
      await expect(attempt).rejects.toMatchObject({ code: 'INVALID_CODE', details: { attemptsRemaining: 4 } })
      test.clock.advance(24 * 60 * minute)
    }
    expect((await test.audited('MFA_FAILED')).at(-1)).toMatchObject({
      outcome: 'FAILURE',
      actor: 'ANONYMOUS',
      subjectId: test.owner.userId,
      methods: [method],
    })
  })

  it('says the same of a method that the account does not have', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    const attempt = test.complete(challengeToken, { method: 'PASSKEY', response: {} })
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_CODE', details: { attemptsRemaining: 4 } })
  })

  it('takes the code of the step before, and no older one after a newer one', async () => {
    await using test = await openWithApp()
    test.clock.advance(step)
    const complete = async (steps: number) => {
      const { challengeToken } = await test.challenge()
      return test.complete(challengeToken, { method: 'TOTP', code: test.code(test.owner, steps) })
    }
    expect((await complete(-1)).session.assurance).toBe(2)
    await expect(complete(-1)).rejects.toMatchObject({ code: 'INVALID_CODE' })
    expect((await complete(0)).session.assurance).toBe(2)
    await expect(complete(-1)).rejects.toMatchObject({ code: 'INVALID_CODE' })
    await expect(complete(0)).rejects.toMatchObject({ code: 'INVALID_CODE' })
  })

  it('takes a code once, whoever has seen it', async () => {
    await using test = await openWithApp()
    const code = test.code(test.owner)
    await test.signInWithCode(test.owner)
    const { challengeToken } = await test.challenge()
    await expect(test.complete(challengeToken, { method: 'TOTP', code })).rejects.toMatchObject({
      code: 'INVALID_CODE',
      message: 'The code is not right, or was used already.',
      details: { attemptsRemaining: 4 },
    })
  })

  it('gives exactly one session to ten who answer one challenge at once', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    const proof = { method: 'TOTP', code: test.code(test.owner) } as const
    const { worked, reasons } = await settle(Array.from({ length: 10 }, () => test.complete(challengeToken, proof)))
    expect(worked).toHaveLength(1)
    expect(reasons).toHaveLength(9)
    expect(await test.accounts.sessions(test.owner.principal)).toHaveLength(2)
    await expect(test.complete(challengeToken, proof)).rejects.toMatchObject(invalidChallenge)
  })

  it('gives exactly one session to two concurrent challenges with one code', async () => {
    await using test = await openWithApp()
    const challenges = [await test.challenge(), await test.challenge()]
    const proof = { method: 'TOTP', code: test.code(test.owner) } as const
    const { worked, reasons } = await settle(
      challenges.map(({ challengeToken }) => test.complete(challengeToken, proof)),
    )
    expect(worked).toHaveLength(1)
    expect(reasons).toMatchObject([{ code: 'INVALID_CODE' }])
    expect(await test.accounts.sessions(test.owner.principal)).toHaveLength(2)
  })

  it('can be tried five times, counted before they are checked, however many come at once', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    const wrong = { method: 'TOTP', code: test.wrongCode(test.owner) } as const
    const remaining: unknown[] = []
    for (let i = 0; i < 2; i += 1) {
      const reason: unknown = await test.complete(challengeToken, wrong).catch((error: unknown) => error)
      remaining.push(reason)
    }
    expect(remaining).toMatchObject([{ details: { attemptsRemaining: 4 } }, { details: { attemptsRemaining: 3 } }])
    const { reasons } = await settle(Array.from({ length: 50 }, () => test.complete(challengeToken, wrong)))
    const codes = reasons.map((reason) => (reason instanceof Error && 'code' in reason ? reason.code : null))
    expect(codes.filter((code) => code === 'INVALID_CODE')).toHaveLength(3)
    expect(codes.filter((code) => code === 'INVALID_CHALLENGE')).toHaveLength(47)
    const right = { method: 'TOTP', code: test.code(test.owner) } as const
    await expect(test.complete(challengeToken, right)).rejects.toMatchObject(invalidChallenge)
  })

  it('takes the right code at the fifth try', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    const wrong = { method: 'TOTP', code: test.wrongCode(test.owner) } as const
    for (let i = 0; i < 4; i += 1) await expect(test.complete(challengeToken, wrong)).rejects.toThrow(/not right/)
    await test.complete(challengeToken, { method: 'TOTP', code: test.code(test.owner) })
  })

  it('can fail ten times in all challenges of an account, then not for 15 minutes, also after a restart', async () => {
    await using test = await openWithApp()
    const wrong = { method: 'TOTP', code: '' } as const
    const attempt = async () => {
      const { challengeToken } = await test.challenge()
      return test.complete(challengeToken, wrong)
    }
    for (let i = 0; i < 10; i += 1) await expect(attempt()).rejects.toMatchObject({ code: 'INVALID_CODE' })
    const proof = { method: 'TOTP', code: test.code(test.owner) } as const
    const limited = { code: 'RATE_LIMITED', retryAfterSeconds: 900 }
    const { challengeToken } = await test.challenge()
    await expect(test.complete(challengeToken, proof)).rejects.toMatchObject(limited)
    const restarted = await test.restart()
    const again = restarted.completeMfa({ challengeToken, proof }, browser, anonymous)
    await expect(again).rejects.toMatchObject(limited)

    test.clock.advance(15 * minute)
    await test.signInWithCode(test.owner)
    for (let i = 0; i < 9; i += 1) await expect(attempt()).rejects.toMatchObject({ code: 'INVALID_CODE' })
    await test.signInWithCode(test.owner)
  })

  it('lets the owner in by a browser that is known, while somebody with the password guesses elsewhere', async () => {
    await using test = await openWithApp()
    await test.signInWithCode(test.owner)
    const elsewhere = { ...browser, device: newSecret(32), ip: '198.51.100.9' }
    for (let i = 0; i < 10; i += 1) {
      const { challengeToken } = await test.challenge('COOKIE', elsewhere)
      const guess = test.complete(challengeToken, { method: 'TOTP', code: '' }, elsewhere)
      await expect(guess).rejects.toMatchObject({ code: 'INVALID_CODE' })
    }
    const { challengeToken } = await test.challenge('COOKIE', elsewhere)
    const guess = test.complete(challengeToken, { method: 'TOTP', code: '' }, elsewhere)
    await expect(guess).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await test.signInWithCode(test.owner)
  })

  it('is limited by network', async () => {
    const challengeByNetwork = memoryRateLimiter({ attempts: 3, seconds: 60 })
    await using test = await openFactors({ limiters: { challengeByNetwork } })
    for (const code of ['INVALID_CHALLENGE', 'INVALID_CHALLENGE', 'INVALID_CHALLENGE', 'RATE_LIMITED']) {
      const attempt = test.complete('', { method: 'TOTP', code: '' })
      await expect(attempt).rejects.toMatchObject({ code })
    }
  })
})
