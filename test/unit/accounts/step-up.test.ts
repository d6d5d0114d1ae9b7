import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import type { Proof } from '../../../src/services/accounts/factors/proof.ts'
import { requireFresh } from '../../../src/services/accounts/factors/freshness.ts'
import { sessionOf } from '../../../src/services/accounts/session-of.ts'
import { eventually } from '../../support/eventually.ts'
import { authenticate, newCredential } from '../../support/software-authenticator.ts'
import { client, goodPassword, nothing, settle } from './open-accounts.ts'
import { type FactorsUnderTest, minute, openFactors, openWithApp } from './open-factors.ts'
import { challengeOf, type PasskeyOwner, site } from './open-passkeys.ts'

const password: Proof = { method: 'PASSWORD', password: goodPassword }
const invalidChallenge = { code: 'INVALID_CHALLENGE' }

/** Whether what is guarded is open to them, and why not. */
async function guardOf({ store, clock }: FactorsUnderTest, { principal }: Pick<PasskeyOwner, 'principal'>) {
  return store
    .read((records) => requireFresh(records, sessionOf(principal), clock.now()))
    .then(
      () => 'open',
      (error: unknown) => error,
    )
}

const stepUpRequired = (requiredAssuranceLevel: 1 | 2) => ({
  code: 'STEP_UP_REQUIRED',
  message: 'Show your factors again first, by startStepUp and completeStepUp.',
  details: { requiredAssuranceLevel, maxAgeSeconds: 300 },
})

describe('what is guarded', () => {
  it('is open for five minutes after a password, where there is no second factor', async () => {
    await using test = await openFactors()
    const owner = await test.join('ada')
    expect(await guardOf(test, owner)).toBe('open')
    test.clock.advance(5 * minute - 1)
    expect(await guardOf(test, owner)).toBe('open')
    test.clock.advance(1)
    expect(await guardOf(test, owner)).toMatchObject(stepUpRequired(1))
    test.clock.advance(1000)
    expect(await guardOf(test, owner)).toMatchObject(stepUpRequired(1))
    const principal = await test.whoIs(await test.stepUp(owner.principal, password))
    expect(await guardOf(test, { principal })).toBe('open')
    expect(principal).toMatchObject({ assurance: 1, authenticatedAt: test.clock.now() })
  })

  it('asks for two factors where there is a second one: at 5:01 again', async () => {
    await using test = await openWithApp()
    const { owner } = test
    const shownAt = owner.principal.authenticatedAt
    test.tamper('update sessions set assurance = 1')
    expect(await guardOf(test, owner)).toMatchObject(stepUpRequired(2))
    test.tamper('update sessions set assurance = 2')
    test.clock.advance(shownAt + 5 * minute - 1 - test.clock.now())
    expect(await guardOf(test, owner)).toBe('open')
    expect(await test.accounts.mfaStatus(owner.principal)).toMatchObject({ freshUntil: test.clock.now() + 1 })
    test.clock.advance(1001)
    expect(await guardOf(test, owner)).toMatchObject(stepUpRequired(2))
    const principal = await test.whoIs(await test.stepUp(owner.principal, { method: 'TOTP', code: test.code(owner) }))
    expect(await guardOf(test, { principal })).toBe('open')
  })

  it('is not opened by a clock that was set back by more than clocks differ', async () => {
    await using test = await openFactors()
    const owner = await test.join('ada')
    test.clock.advance(-5 * minute)
    expect(await guardOf(test, owner)).toBe('open')
    test.clock.advance(-1)
    expect(await guardOf(test, owner)).toMatchObject(stepUpRequired(1))
  })

  it('goes by what is stored of the session, and not by what was known of it', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    test.clock.advance(5 * minute)
    const boaster = { ...principal, assurance: 2, authenticatedAt: test.clock.now() } as const
    expect(await guardOf(test, { principal: boaster })).toMatchObject(stepUpRequired(1))
  })
})

describe('a step-up', () => {
  it('gives the session new credentials and leaves it the same session', async () => {
    await using test = await openWithApp()
    const { owner } = test
    const signedIn = await test.stepUp(owner.principal, { method: 'TOTP', code: test.code(owner) })
    expect(signedIn.session).toMatchObject({
      id: owner.principal.sessionId,
      assurance: 2,
      methods: ['PASSWORD', 'TOTP'],
      authenticatedAt: test.clock.now(),
    })
    expect(signedIn.cookie).not.toBe(owner.signedIn.cookie)
    const old = { ...nothing, sessionCookie: owner.signedIn.cookie }
    expect(await test.accounts.authenticate(old, client)).toMatchObject({ kind: 'anonymous' })
    expect(await test.whoIs(signedIn)).toMatchObject({ assurance: 2 })
    expect(await test.audited('STEPPED_UP')).toMatchObject([
      { actorId: owner.userId, sessionId: owner.principal.sessionId, methods: ['TOTP'], assurance: 2 },
    ])
  })

  it('gives new tokens, and the old access and refresh tokens are dead', async () => {
    await using test = await openWithApp()
    const before = await test.signInWithCode(test.owner, 'TOKENS')
    const principal = await test.whoIs(before)
    const after = await test.stepUp(principal, { method: 'TOTP', code: test.code(test.owner) })
    expect(await test.whoIs(after)).toMatchObject({ sessionId: principal.sessionId, assurance: 2 })
    await expect(test.whoIs(before)).rejects.toMatchObject({
      code: expect.stringMatching(/SESSION_REVOKED|UNAUTHENTICATED/),
    })
    const id = before.tokens?.refreshToken.split('.')[0] ?? ''
    const retired = await test.store.read(({ accounts }) => accounts.findRefreshToken(id))
    expect(retired?.retiredAt).toBe(test.clock.now())
  })

  it('leaves the streams of the session alive, and tells every process to look again', async () => {
    await using test = await openWithApp()
    const { principal } = test.owner
    const { sessionId, userId } = principal
    const ends: string[] = []
    const stop = test.accounts.watch(principal, ({ code }) => ends.push(code))
    const renewed = await test.whoIs(await test.stepUp(principal, { method: 'TOTP', code: test.code(test.owner) }))
    const last = async (topic: string) => {
      const events = await test.store.read(({ log }) => log.read(topic, 0, 1000))
      return events.at(-1)?.body
    }
    expect(await last('revocations')).toMatchObject({ kind: 'session', id: sessionId, ends: false })
    expect(await last(`sessions:${userId}`)).toMatchObject({ kind: 'RENEWED', sessionId })
    // Had it ended the stream, that would have been heard of before the end of the session.
    await test.accounts.signOut(renewed, client)
    await eventually(() => ends.length > 0)
    stop()
    expect(ends).toEqual(['SESSION_REVOKED'])
    expect(await last(`sessions:${userId}`)).toMatchObject({ kind: 'ENDED', sessionId })
  })

  it('takes a recovery code in place of a lost factor', async () => {
    await using test = await openWithApp()
    const [code = ''] = test.owner.recoveryCodes
    const { session } = await test.stepUp(test.owner.principal, { method: 'RECOVERY_CODE', code })
    expect(session).toMatchObject({ assurance: 2, methods: ['PASSWORD', 'TOTP', 'RECOVERY_CODE'] })
    expect(await test.notices()).toContainEqual({ kind: 'RECOVERY_CODE_USED', left: 9, to: 'ada@example.com' })
  })

  it('takes a passkey for its own challenge', async () => {
    await using test = await openFactors()
    const credential = newCredential()
    const { principal } = await test.add(await test.join('ada'), credential)
    const { challengeToken, methods, passkeyOptions } = await test.accounts.startStepUp(principal, client)
    const other = await test.accounts.startStepUp(principal, client)
    expect(methods).toEqual(['PASSKEY', 'RECOVERY_CODE'])
    const response = authenticate(credential, site, challengeOf(passkeyOptions ?? {}))
    const proof = { method: 'PASSKEY', response } as const
    const complete = (token: string) =>
      test.accounts.completeStepUp({ challengeToken: token, proof }, principal, client)
    await expect(complete(other.challengeToken)).rejects.toMatchObject({ code: 'INVALID_CODE' })
    expect((await complete(challengeToken)).session).toMatchObject({ assurance: 2, methods: ['PASSWORD', 'PASSKEY'] })
    await expect(complete(challengeToken)).rejects.toMatchObject(invalidChallenge)
  })

  it('takes no password where there is a second factor, and hashes nothing', async () => {
    await using test = await openWithApp()
    const { methods } = await test.accounts.startStepUp(test.owner.principal, client)
    expect(methods).toEqual(['TOTP', 'RECOVERY_CODE'])
    test.hashing.length = 0
    await expect(test.stepUp(test.owner.principal, password)).rejects.toMatchObject({
      code: 'INVALID_CODE',
      details: { attemptsRemaining: 4 },
    })
    expect(test.hashing).toEqual([])
  })

  it('takes nothing but the password where there is no second factor', async () => {
    await using test = await openFactors()
    const { principal, userId } = await test.join('ada')
    expect((await test.accounts.startStepUp(principal, client)).methods).toEqual(['PASSWORD'])
    const wrong: readonly Proof[] = [
      { method: 'PASSWORD', password: '' },
      { method: 'PASSWORD', password: `${goodPassword} ` },
      { method: 'PASSWORD', password: 'x'.repeat(1e6) },
      { method: 'TOTP', code: '000000' },
      { method: 'RECOVERY_CODE', code: '0000-0000-0000' },
      { method: 'PASSKEY', response: {} },
    ]
    for (const proof of wrong) {
      const attempt = test.stepUp(principal, proof)
      await expect(attempt).rejects.toMatchObject({ code: 'INVALID_CODE', details: { attemptsRemaining: 4 } })
    }
    expect(await test.audited('STEP_UP_FAILED')).toHaveLength(wrong.length)
    expect((await test.audited('STEP_UP_FAILED'))[0]).toMatchObject({
      outcome: 'FAILURE',
      subjectId: userId,
      actorId: userId,
      methods: ['PASSWORD'],
    })
  })

  it('is for who signs in by a provider only to be had by signing in again', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    test.tamper('update users set password_hash = null')
    await expect(test.accounts.startStepUp(principal, client)).rejects.toMatchObject({
      code: 'NOT_ENROLLED',
      message: 'The account has neither a password nor a second factor: sign in again with its provider instead.',
    })
  })

  it('counts as little as was shown after the last factor is gone', async () => {
    await using test = await openWithApp()
    const { principal } = test.owner
    await test.accounts.removeTotp(principal, client)
    expect((await test.stepUp(principal, password)).session.assurance).toBe(1)
  })

  it('has one winner when ten complete it at once', async () => {
    await using test = await openWithApp()
    const { principal } = test.owner
    const { challengeToken } = await test.accounts.startStepUp(principal, client)
    const proof = { method: 'TOTP', code: test.code(test.owner) } as const
    const attempts = Array.from({ length: 10 }, () =>
      test.accounts.completeStepUp({ challengeToken, proof }, principal, client),
    )
    expect((await settle(attempts)).worked).toHaveLength(1)
    expect(await test.audited('STEPPED_UP')).toHaveLength(1)
  })

  it('uses a code up for signing in as well', async () => {
    await using test = await openWithApp()
    const proof = { method: 'TOTP', code: test.code(test.owner) } as const
    const { challengeToken } = await test.challenge()
    await test.stepUp(test.owner.principal, proof)
    await expect(test.complete(challengeToken, proof)).rejects.toMatchObject({ code: 'INVALID_CODE' })
  })

  it('counts its failures with those of signing in', async () => {
    await using test = await openWithApp()
    const wrong = { method: 'TOTP', code: '' } as const
    const { challengeToken } = await test.challenge()
    for (let i = 0; i < 5; i += 1) await expect(test.complete(challengeToken, wrong)).rejects.toThrow(/not right/)
    for (let i = 0; i < 5; i += 1) await expect(test.stepUp(test.owner.principal, wrong)).rejects.toThrow(/not right/)
    const right = { method: 'TOTP', code: test.code(test.owner) } as const
    const limited = { code: 'RATE_LIMITED', retryAfterSeconds: 900 }
    await expect(test.stepUp(test.owner.principal, right)).rejects.toMatchObject(limited)
  })

  it('counts wrong passwords with those of a change of the password', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    const wrong: Proof = { method: 'PASSWORD', password: 'wrong' }
    for (let i = 0; i < 10; i += 1) await expect(test.stepUp(principal, wrong)).rejects.toThrow(/not right/)
    await expect(test.stepUp(principal, password)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    const input = { currentPassword: goodPassword, newPassword: 'green lamp over 9 boats', keepOtherSessions: true }
    const change = test.accounts.changePassword(input, client, principal)
    await expect(change).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    // Who wants to come in is not kept out by that.
    expect((await test.signIn()).session.assurance).toBe(1)
    test.clock.advance(15 * minute)
    await test.stepUp(principal, password)
  })

  it('is limited by network', async () => {
    const challengeByNetwork = memoryRateLimiter({ attempts: 2, seconds: 60 })
    await using test = await openFactors({ limiters: { challengeByNetwork } })
    const { principal } = await test.join('ada')
    await test.accounts.startStepUp(principal, client)
    await test.accounts.startStepUp(principal, client)
    await expect(test.accounts.startStepUp(principal, client)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })
})

describe('the challenge of a step-up', () => {
  it('is for the session that it was opened in', async () => {
    await using test = await openWithApp()
    const other = await test.whoIs(await test.signInWithCode(test.owner))
    const eve = await test.enrol(await test.join('eve'))
    const { challengeToken } = await test.accounts.startStepUp(test.owner.principal, client)
    const complete = (principal: typeof other) => {
      const proof = { method: 'TOTP', code: test.code(principal === eve.principal ? eve : test.owner) } as const
      return test.accounts.completeStepUp({ challengeToken, proof }, principal, client)
    }
    await expect(complete(other)).rejects.toMatchObject(invalidChallenge)
    await expect(complete(eve.principal)).rejects.toMatchObject(invalidChallenge)
    expect((await complete(test.owner.principal)).session.assurance).toBe(2)
  })

  it('is open for five minutes, and no challenge of another purpose', async () => {
    await using test = await openWithApp()
    const { principal } = test.owner
    const { challengeToken: mfa } = await test.challenge('TOKENS', client)
    const { challengeToken } = await test.accounts.startStepUp(principal, client)
    const complete = (token: string) => {
      const proof = { method: 'TOTP', code: test.code(test.owner) } as const
      return test.accounts.completeStepUp({ challengeToken: token, proof }, principal, client)
    }
    for (const token of ['', 'x', mfa, 'x'.repeat(1e6)]) {
      await expect(complete(token)).rejects.toMatchObject(invalidChallenge)
    }
    test.clock.advance(5 * minute)
    await expect(complete(challengeToken)).rejects.toMatchObject(invalidChallenge)
  })

  it('dies with the session', async () => {
    await using test = await openWithApp()
    const { principal } = test.owner
    const { challengeToken } = await test.accounts.startStepUp(principal, client)
    await test.accounts.signOut(principal, client)
    const proof = { method: 'TOTP', code: test.code(test.owner) } as const
    const attempt = test.accounts.completeStepUp({ challengeToken, proof }, principal, client)
    await expect(attempt).rejects.toMatchObject({ code: 'SESSION_REVOKED' })
    // Nothing of it was done: the code is unused.
    const { challengeToken: again } = await test.challenge()
    await test.complete(again, proof)
  })

  it('is void after a change of the password', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    const { challengeToken } = await test.accounts.startStepUp(principal, client)
    const input = { currentPassword: goodPassword, newPassword: 'green lamp over 9 boats', keepOtherSessions: true }
    const renewed = await test.whoIs(await test.accounts.changePassword(input, client, principal))
    const proof: Proof = { method: 'PASSWORD', password: input.newPassword }
    const attempt = test.accounts.completeStepUp({ challengeToken, proof }, renewed, client)
    await expect(attempt).rejects.toMatchObject(invalidChallenge)
  })
})
