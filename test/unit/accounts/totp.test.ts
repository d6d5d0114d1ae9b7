import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { codeAt, wrongCodeAt } from '../../support/authenticator-app.ts'
import { somebody } from '../../support/principals.ts'
import { newCredential } from '../../support/software-authenticator.ts'
import { client, nothing, settle } from './open-accounts.ts'
import { minute, openFactors, openWithApp, step } from './open-factors.ts'

describe('setting up an authenticator app', () => {
  it('shows the secret once, and makes no factor of it before a code was right', async () => {
    await using test = await openFactors()
    const { principal, userId } = await test.join('ada')
    const { secret, otpauthUri, qrSvg, expiresAt } = await test.accounts.enrollTotp(principal)
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(otpauthUri).toContain(`secret=${secret}`)
    expect(otpauthUri).toContain(encodeURIComponent('ada@example.com'))
    expect(qrSvg).toContain('<svg ')
    expect(expiresAt).toBe(test.clock.now() + 10 * minute)
    expect(await test.accounts.mfaStatus(principal)).toMatchObject({ methods: [], recoveryCodesLeft: 0 })
    expect((await test.signIn()).session.assurance).toBe(1)

    const everything = test.dump().map(String).join('\n')
    expect(everything).not.toContain(secret)
    expect(everything).toContain(userId)
  })

  it('counts from a right code on, which is then used, and renews the session', async () => {
    await using test = await openFactors()
    const { principal, userId } = await test.join('ada')
    const { secret } = await test.accounts.enrollTotp(principal)
    test.clock.advance(minute)
    const code = codeAt(secret, test.clock.now())
    const { recoveryCodes, signedIn } = await test.accounts.confirmTotp(
      ` ${code.slice(0, 3)} ${code.slice(3)} `,
      principal,
      client,
    )
    expect(recoveryCodes).toHaveLength(10)
    expect(signedIn.session).toMatchObject({
      id: principal.sessionId,
      assurance: 2,
      methods: ['PASSWORD', 'TOTP'],
      authenticatedAt: test.clock.now(),
    })
    const renewed = await test.whoIs(signedIn)
    expect(renewed).toMatchObject({ userId, assurance: 2 })
    expect(await test.accounts.mfaStatus(renewed)).toEqual({
      methods: ['TOTP', 'RECOVERY_CODE'],
      recoveryCodesLeft: 10,
      required: false,
      assurance: 2,
      freshUntil: test.clock.now() + 5 * minute,
    })
    expect(await test.audited('TOTP_ENROLLED')).toMatchObject([{ subjectId: userId, methods: ['TOTP'] }])
    expect(await test.notices()).toMatchObject([
      { kind: 'FACTOR_ADDED', factor: 'TOTP', to: 'ada@example.com' },
      { kind: 'RECOVERY_CODES_MADE' },
    ])

    const { challengeToken } = await test.challenge()
    await expect(test.complete(challengeToken, { method: 'TOTP', code })).rejects.toMatchObject({
      code: 'INVALID_CODE',
    })
  })

  it('ends the sessions that never passed a second factor, and the old cookie of the present one', async () => {
    await using test = await openFactors()
    const first = await test.signUp()
    const byToken = await test.signIn({ delivery: 'TOKENS' })
    const byCookie = await test.signIn()
    const eve = await test.join('eve')
    const { userId } = await test.whoIs(first)
    const owner = await test.enrol({ userId, principal: await test.whoIs(byCookie) })
    for (const { cookie } of [first, byCookie]) {
      const credentials = { ...nothing, sessionCookie: cookie }
      expect(await test.accounts.authenticate(credentials, client)).toMatchObject({ kind: 'anonymous' })
    }
    const bearer = byToken.tokens?.accessToken ?? null
    await expect(test.accounts.authenticate({ ...nothing, bearer }, client)).rejects.toMatchObject({
      code: 'SESSION_REVOKED',
    })
    expect((await test.accounts.sessions(owner.principal)).map(({ id }) => id)).toEqual([byCookie.session.id])
    expect(await test.accounts.sessions(eve.principal)).toHaveLength(1)
  })

  it('leaves the sessions that passed one', async () => {
    await using test = await openWithApp()
    const other = await test.signInWithCode(test.owner)
    await test.add(test.owner, newCredential())
    expect(await test.whoIs(other)).toMatchObject({ userId: test.owner.userId, assurance: 2 })
  })

  it('needs factors that were shown within five minutes', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    test.clock.advance(5 * minute - 1)
    await test.accounts.enrollTotp(principal)
    test.clock.advance(1)
    await expect(test.accounts.enrollTotp(principal)).rejects.toMatchObject({
      code: 'STEP_UP_REQUIRED',
      details: { requiredAssuranceLevel: 1, maxAgeSeconds: 300 },
    })
  })

  it('waits ten minutes for the code and takes the newest secret only', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    const older = await test.accounts.enrollTotp(principal)
    test.clock.advance(1)
    const newer = await test.accounts.enrollTotp(principal)
    const confirm = (secret: string) => test.accounts.confirmTotp(codeAt(secret, test.clock.now()), principal, client)
    await expect(confirm(older.secret)).rejects.toMatchObject({ code: 'INVALID_CODE' })
    test.clock.advance(10 * minute)
    await expect(confirm(newer.secret)).rejects.toMatchObject({
      code: 'NOT_ENROLLED',
      message: 'Nothing waits to be confirmed: begin with enrollTotp.',
    })
    test.clock.advance(-1)
    expect(await confirm(newer.secret)).toMatchObject({ signedIn: { kind: 'SIGNED_IN' } })
  })

  it('refuses what is no code, and the code of another time or secret', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    const confirm = (code: string) => test.accounts.confirmTotp(code, principal, client)
    await expect(confirm('000000')).rejects.toMatchObject({ code: 'NOT_ENROLLED' })
    const { secret } = await test.accounts.enrollTotp(principal)
    const now = test.clock.now()
    // What is no code does not count as a guess, of which there are ten.
    const wrong = ['', 'abcdef', '12345', '1234567', '１２３４５６', '-1', '9'.repeat(1e6), wrongCodeAt(secret, now)]
    for (const code of [...wrong, codeAt(secret, now - 2 * step), codeAt(secret, now + step)]) {
      await expect(confirm(code)).rejects.toMatchObject({
        code: 'INVALID_CODE',
        message: 'The code is not right: is the clock of the device right?',
      })
    }
    expect(await test.accounts.mfaStatus(principal)).toMatchObject({ methods: [] })
    await confirm(codeAt(secret, now - step))
  })

  it('is confirmed by the session that began it alone', async () => {
    await using test = await openFactors()
    const older = await test.join('ada')
    const newer = await test.whoIs(await test.signIn())
    const { secret } = await test.accounts.enrollTotp(newer)
    const confirm = (who: typeof newer) => test.accounts.confirmTotp(codeAt(secret, test.clock.now()), who, client)
    await expect(confirm(older.principal)).rejects.toMatchObject({ code: 'NOT_ENROLLED' })
    expect(await test.accounts.mfaStatus(older.principal)).toMatchObject({ methods: [] })
    await confirm(newer)
    expect((await test.challenge()).methods).toContain('TOTP')
  })

  it('counts wrong codes by account: after ten there is a wait, which a right one before takes back', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    const { secret } = await test.accounts.enrollTotp(principal)
    const confirm = (code: string, network: number) =>
      test.accounts.confirmTotp(code, principal, { ...client, ip: `198.51.${network}.1` })
    const wrong = wrongCodeAt(secret, test.clock.now())
    for (let n = 0; n < 10; n += 1) await expect(confirm(wrong, n)).rejects.toMatchObject({ code: 'INVALID_CODE' })
    const right = () => confirm(codeAt(secret, test.clock.now()), 99)
    await expect(right()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 900 })
    test.clock.advance(15 * minute)
    const again = await test.whoIs(await test.signIn())
    const { secret: next } = await test.accounts.enrollTotp(again)
    await test.accounts.confirmTotp(codeAt(next, test.clock.now()), again, client)
    const { challengeToken } = await test.challenge('COOKIE', client)
    const guess = test.complete(challengeToken, { method: 'TOTP', code: wrong }, client)
    await expect(guess).rejects.toMatchObject({ code: 'INVALID_CODE' })
  })

  it('has one winner when ten confirm at once', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    const { secret } = await test.accounts.enrollTotp(principal)
    const code = codeAt(secret, test.clock.now())
    const attempts = Array.from({ length: 10 }, () => test.accounts.confirmTotp(code, principal, client))
    const { worked, reasons } = await settle(attempts)
    expect(worked).toHaveLength(1)
    expect(reasons).toMatchObject(Array.from({ length: 9 }, () => ({ code: 'ALREADY_ENROLLED' })))
    expect(await test.audited('TOTP_ENROLLED')).toHaveLength(1)
  })

  it('is not begun over one that works, nor confirmed twice', async () => {
    await using test = await openWithApp()
    const { principal } = test.owner
    const already = {
      code: 'ALREADY_ENROLLED',
      message: 'The account has an authenticator app already: remove it first.',
    }
    await expect(test.accounts.enrollTotp(principal)).rejects.toMatchObject(already)
    const again = test.accounts.confirmTotp(test.code(test.owner), principal, client)
    await expect(again).rejects.toMatchObject(already)
  })

  it('is one of a user alone', async () => {
    await using test = await openFactors()
    const [ada, eve] = [await test.join('ada'), await test.join('eve')]
    const { secret } = await test.accounts.enrollTotp(ada.principal)
    await test.accounts.enrollTotp(eve.principal)
    const foreign = test.accounts.confirmTotp(codeAt(secret, test.clock.now()), eve.principal, client)
    await expect(foreign).rejects.toMatchObject({ code: 'INVALID_CODE' })
  })

  it('does not open under another user, or when it was changed', async () => {
    await using test = await openFactors()
    const [ada, eve] = [await test.enrol(await test.join('ada')), await test.enrol(await test.join('eve'))]
    test.tamper(
      'update totp_secrets set secret_sealed = (select secret_sealed from totp_secrets where user_id = ?) where user_id = ?',
      eve.userId,
      ada.userId,
    )
    const { challengeToken } = await test.challenge()
    const proof = { method: 'TOTP', code: test.code(eve) } as const
    await expect(test.complete(challengeToken, proof)).rejects.toMatchObject({ code: 'SEAL_BROKEN' })
  })

  it('is limited by network', async () => {
    const challengeByNetwork = memoryRateLimiter({ attempts: 3, seconds: 60 })
    await using test = await openFactors({ limiters: { challengeByNetwork } })
    const { principal } = await test.join('ada')
    await test.accounts.enrollTotp(principal)
    const confirm = () => test.accounts.confirmTotp('', principal, client)
    for (const code of ['INVALID_CODE', 'INVALID_CODE', 'INVALID_CODE', 'RATE_LIMITED']) {
      await expect(confirm()).rejects.toMatchObject({ code })
    }
  })

  it('adds to a passkey, and gives no new recovery codes then', async () => {
    await using test = await openFactors()
    const owner = await test.enrol(await test.add(await test.join('ada'), newCredential()))
    expect(owner.recoveryCodes).toEqual([])
    expect(await test.accounts.mfaStatus(owner.principal)).toMatchObject({
      methods: ['TOTP', 'PASSKEY', 'RECOVERY_CODE'],
      recoveryCodesLeft: 10,
    })
  })
})

describe('removing an authenticator app', () => {
  it('takes the recovery codes with it, tells the owner, and asks for one factor from then on', async () => {
    await using test = await openWithApp()
    const { principal, userId } = test.owner
    const status = await test.accounts.removeTotp(principal, client)
    expect(status).toMatchObject({ methods: [], recoveryCodesLeft: 0, assurance: 1 })
    expect(await test.store.read(({ factors }) => factors.findTotp(userId))).toBeNull()
    expect(await test.audited('TOTP_REMOVED')).toMatchObject([{ subjectId: userId }])
    expect((await test.notices()).at(-1)).toMatchObject({ kind: 'FACTOR_REMOVED', factor: 'TOTP' })
    expect((await test.signIn()).session.assurance).toBe(1)
    await expect(test.accounts.removeTotp(principal, client)).rejects.toMatchObject({
      code: 'NOT_ENROLLED',
      message: 'There is no authenticator app to remove.',
    })
  })

  it('leaves the recovery codes to a passkey that is left', async () => {
    await using test = await openWithApp()
    const owner = await test.add(test.owner, newCredential())
    const status = await test.accounts.removeTotp(owner.principal, client)
    expect(status).toMatchObject({ methods: ['PASSKEY', 'RECOVERY_CODE'], recoveryCodesLeft: 10, assurance: 2 })
  })

  it('needs two factors that were shown within five minutes', async () => {
    await using test = await openWithApp()
    const { principal } = test.owner
    const refused = {
      code: 'STEP_UP_REQUIRED',
      details: { requiredAssuranceLevel: 2, maxAgeSeconds: 300 },
    }
    test.tamper('update sessions set assurance = 1')
    await expect(test.accounts.removeTotp(principal, client)).rejects.toMatchObject(refused)
    test.tamper('update sessions set assurance = 2')
    test.clock.advance(5 * minute + 1000 - step)
    await expect(test.accounts.removeTotp(principal, client)).rejects.toMatchObject(refused)
  })

  it('leaves a session that can do nothing but set up another one, where that is required', async () => {
    await using test = await openWithApp({ policy: { requireMfa: 'all' } })
    const { principal, signedIn } = test.owner
    expect(principal).toMatchObject({ mustEnrol: false })
    expect(await test.accounts.removeTotp(principal, client)).toMatchObject({ required: true })
    const left = await test.whoIs(signedIn)
    expect(left).toMatchObject({ mustEnrol: true, scopes: ['account:read'], sessionId: principal.sessionId })
    const again = await test.enrol({ ...test.owner, principal: left })
    expect(again.principal.mustEnrol).toBe(false)
    expect(again.recoveryCodes).toHaveLength(10)
  })

  it('is of no use for one that was never confirmed', async () => {
    await using test = await openFactors()
    const { principal } = await test.join('ada')
    await test.accounts.enrollTotp(principal)
    await expect(test.accounts.removeTotp(principal, client)).rejects.toMatchObject({ code: 'NOT_ENROLLED' })
  })
})

describe('authenticator apps', () => {
  it('are nothing for API keys and for nobody', async () => {
    await using test = await openWithApp()
    const key = { ...somebody({ userId: test.owner.userId }), kind: 'apiKey', sessionId: null } as const
    const commands = (who: typeof key | typeof anonymous) => [
      () => test.accounts.enrollTotp(who),
      () => test.accounts.confirmTotp(test.code(test.owner), who, client),
      () => test.accounts.removeTotp(who, client),
      () => test.accounts.regenerateRecoveryCodes(who, client),
      () => test.accounts.mfaStatus(who),
      () => test.accounts.startStepUp(who, client),
    ]
    for (const command of commands(key)) await expect(command()).rejects.toMatchObject({ code: 'FORBIDDEN' })
    for (const command of commands(anonymous))
      await expect(command()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})
