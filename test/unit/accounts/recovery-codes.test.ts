import { describe, expect, it } from 'vitest'
import {
  hashRecoveryCode,
  newRecoveryCodes,
  readRecoveryCode,
} from '../../../src/services/accounts/factors/recovery-codes.ts'
import { newCredential } from '../../support/software-authenticator.ts'
import { client, settle } from './open-accounts.ts'
import { minute, openFactors, openWithApp } from './open-factors.ts'

describe('a set of recovery codes', () => {
  it('has ten of sixty random bits, in groups that can be read out', () => {
    const sets = Array.from({ length: 100 }, newRecoveryCodes)
    for (const codes of sets) {
      expect(codes).toHaveLength(10)
      for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/)
    }
    expect(new Set(sets.flat()).size).toBe(1000)
    // Every character of the alphabet at every place: five bits each.
    const characters = Array.from(
      { length: 12 },
      (_, index) => new Set(sets.flat().map((code) => code.replaceAll('-', '').charAt(index))),
    )
    expect(characters.map(({ size }) => size)).toEqual(Array.from({ length: 12 }, () => 32))
  })

  it.each([
    ['7K3M-Q9TX-04VB', '7K3MQ9TX04VB'],
    ['7k3m-q9tx-04vb', '7K3MQ9TX04VB'],
    [' 7K3M Q9TX\t04VB\n', '7K3MQ9TX04VB'],
    ['7K3MQ9TX04VB', '7K3MQ9TX04VB'],
    ['7K3M-Q9TX-O4VB', '7K3MQ9TX04VB'],
    ['1111-llII-0oO0', '111111110000'],
  ])('knows %j as it was typed', (typed, code) => expect(readRecoveryCode(typed)).toBe(code))

  it.each([
    '',
    '-',
    '7K3M-Q9TX-04V',
    '7K3M-Q9TX-04VBA',
    '7K3M-Q9TX-04VU',
    '7K3M_Q9TX_04VB',
    '７K3M-Q9TX-04VB',
    'é',
    '7'.repeat(1e6),
  ])('knows what is no code (case %#)', (typed) => expect(readRecoveryCode(typed)).toBeNull())

  it('is stored as something else for every key and every user', () => {
    const key = (byte: number) => Buffer.alloc(32, byte)
    const hashes = [
      hashRecoveryCode(key(1), 'usr_a', 'AAAA'),
      hashRecoveryCode(key(2), 'usr_a', 'AAAA'),
      hashRecoveryCode(key(1), 'usr_b', 'AAAA'),
      hashRecoveryCode(key(1), 'usr_a', 'AAAB'),
    ]
    expect(new Set(hashes).size).toBe(4)
    expect(hashRecoveryCode(key(1), 'usr_a', 'AAAA')).toBe(hashes[0])
  })
})

describe('recovery codes', () => {
  it('are in no column of the database, and nothing in it works as one', async () => {
    await using test = await openWithApp()
    const values = [...new Set(test.dump().map(String))]
    const everything = values.join('\n').toUpperCase()
    for (const code of test.owner.recoveryCodes) {
      expect(everything).not.toContain(code)
      expect(everything).not.toContain(code.replaceAll('-', ''))
    }
    for (const value of values) {
      const hash = hashRecoveryCode(Buffer.alloc(32, 9), test.owner.userId, readRecoveryCode(value) ?? value)
      expect(await test.store.write(({ factors }) => factors.useRecoveryCode(test.owner.userId, hash, 1))).toBe(false)
    }
    expect(await test.accounts.mfaStatus(test.owner.principal)).toMatchObject({ recoveryCodesLeft: 10 })
  })

  it('let in once each, in place of the factor, and the owner is told', async () => {
    await using test = await openWithApp()
    const [first = '', second = ''] = test.owner.recoveryCodes
    for (const [index, code] of [first.toLowerCase().replaceAll('-', ' '), second].entries()) {
      const { challengeToken, methods } = await test.challenge()
      expect(methods).toEqual(['TOTP', 'RECOVERY_CODE'])
      const signedIn = await test.complete(challengeToken, { method: 'RECOVERY_CODE', code })
      expect(signedIn.session).toMatchObject({ assurance: 2, methods: ['PASSWORD', 'RECOVERY_CODE'] })
      const left = 9 - index
      expect(await test.accounts.mfaStatus(await test.whoIs(signedIn))).toMatchObject({ recoveryCodesLeft: left })
      const used = (await test.audited('RECOVERY_CODE_USED')).at(-1)
      expect(used).toMatchObject({ subjectId: test.owner.userId, details: { left } })
      expect(await test.notices()).toContainEqual({ kind: 'RECOVERY_CODE_USED', left, to: 'ada@example.com' })
    }
    const { challengeToken } = await test.challenge()
    for (const code of [first, second]) {
      const again = test.complete(challengeToken, { method: 'RECOVERY_CODE', code })
      await expect(again).rejects.toMatchObject({
        code: 'INVALID_CODE',
        message: 'The recovery code is not right, or was used already.',
      })
    }
  })

  it('have one winner when ten use one at once, in one challenge or in several', async () => {
    await using test = await openWithApp()
    const [first = '', second = ''] = test.owner.recoveryCodes
    const { challengeToken } = await test.challenge()
    const same = await settle(
      Array.from({ length: 5 }, () => test.complete(challengeToken, { method: 'RECOVERY_CODE', code: first })),
    )
    expect(same.worked).toHaveLength(1)
    const challenges = await Promise.all(Array.from({ length: 10 }, () => test.challenge()))
    const several = await settle(
      challenges.map((one) => test.complete(one.challengeToken, { method: 'RECOVERY_CODE', code: second })),
    )
    expect(several.worked).toHaveLength(1)
    expect(several.reasons.length).toBe(9)
    expect(await test.accounts.mfaStatus(test.owner.principal)).toMatchObject({ recoveryCodesLeft: 8 })
    expect(await test.audited('RECOVERY_CODE_USED')).toHaveLength(2)
  })

  it('are nothing for another user', async () => {
    await using test = await openWithApp()
    const eve = await test.enrol(await test.join('eve'))
    const { challengeToken } = await test.challenge()
    const [foreign = ''] = eve.recoveryCodes
    const attempt = test.complete(challengeToken, { method: 'RECOVERY_CODE', code: foreign })
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_CODE' })
    expect(await test.accounts.mfaStatus(eve.principal)).toMatchObject({ recoveryCodesLeft: 10 })
  })

  it('are not offered any more when all are used', async () => {
    await using test = await openWithApp()
    for (const code of test.owner.recoveryCodes) {
      const { challengeToken } = await test.challenge()
      await test.complete(challengeToken, { method: 'RECOVERY_CODE', code })
    }
    expect((await test.challenge()).methods).toEqual(['TOTP'])
  })

  it('can be made anew, which voids the old ones, and the owner is told', async () => {
    await using test = await openWithApp()
    const { principal, recoveryCodes, userId } = test.owner
    const codes = await test.accounts.regenerateRecoveryCodes(principal, client)
    expect(codes).toHaveLength(10)
    expect(codes.filter((code) => recoveryCodes.includes(code))).toEqual([])
    expect(await test.audited('RECOVERY_CODES_MADE')).toMatchObject([{ subjectId: userId }, { actorId: userId }])
    expect((await test.notices()).filter(({ kind }) => kind === 'RECOVERY_CODES_MADE')).toHaveLength(2)

    const { challengeToken } = await test.challenge()
    for (const code of recoveryCodes.slice(0, 3)) {
      const old = test.complete(challengeToken, { method: 'RECOVERY_CODE', code })
      await expect(old).rejects.toMatchObject({ code: 'INVALID_CODE' })
    }
    await test.complete(challengeToken, { method: 'RECOVERY_CODE', code: codes[9] ?? '' })
    expect(await test.accounts.mfaStatus(principal)).toMatchObject({ recoveryCodesLeft: 9 })
  })

  it('are made anew for two factors that were shown within five minutes, and for nobody without a factor', async () => {
    await using test = await openWithApp()
    const eve = await test.join('eve')
    await expect(test.accounts.regenerateRecoveryCodes(eve.principal, client)).rejects.toMatchObject({
      code: 'NOT_ENROLLED',
      message: 'Set up a second factor first.',
    })
    test.clock.advance(5 * minute)
    await expect(test.accounts.regenerateRecoveryCodes(test.owner.principal, client)).rejects.toMatchObject({
      code: 'STEP_UP_REQUIRED',
      details: { requiredAssuranceLevel: 2, maxAgeSeconds: 300 },
    })
    expect(await test.accounts.mfaStatus(test.owner.principal)).toMatchObject({ recoveryCodesLeft: 10 })
  })

  it('come with a passkey as the first factor, and go with the last factor', async () => {
    await using test = await openFactors()
    const credential = newCredential()
    const owner = await test.add(await test.join('ada'), credential)
    expect(owner.recoveryCodes).toHaveLength(10)
    const [passkey] = await test.accounts.passkeys(owner.principal)
    await test.accounts.removePasskey(passkey?.id ?? '', client, owner.principal)
    expect(await test.accounts.mfaStatus(owner.principal)).toMatchObject({ methods: [], recoveryCodesLeft: 0 })
    expect(await test.store.read(({ factors }) => factors.countRecoveryCodes(owner.userId))).toBe(0)
  })
})
