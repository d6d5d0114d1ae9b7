import { describe, expect, it } from 'vitest'
import { authenticate, newCredential } from '../../support/software-authenticator.ts'
import { settle } from './open-accounts.ts'
import { openFactors } from './open-factors.ts'
import { challengeOf, site } from './open-passkeys.ts'

describe('a passkey as the second factor', () => {
  it('answers the challenge of the first step, with or without user verification', async () => {
    await using test = await openFactors()
    const credential = newCredential('ES256', { counter: 1 })
    await test.add(await test.join('ada'), credential)
    for (const userVerified of [true, false]) {
      const { challengeToken, methods, passkeyOptions } = await test.challenge()
      expect(methods).toEqual(['PASSKEY', 'RECOVERY_CODE'])
      expect(passkeyOptions).toMatchObject({
        userVerification: 'preferred',
        allowCredentials: [{ type: 'public-key' }],
      })
      const response = authenticate(credential, site, challengeOf(passkeyOptions ?? {}), { userVerified })
      const signedIn = await test.complete(challengeToken, { method: 'PASSKEY', response })
      expect(signedIn.session).toMatchObject({ assurance: 2, methods: ['PASSWORD', 'PASSKEY'] })
    }
  })

  it('has one winner when one assertion comes ten times at once, and none for another challenge', async () => {
    await using test = await openFactors()
    const credential = newCredential()
    await test.add(await test.join('ada'), credential)
    const { challengeToken, passkeyOptions } = await test.challenge()
    const other = await test.challenge()
    const response = authenticate(credential, site, challengeOf(passkeyOptions ?? {}))
    const proof = { method: 'PASSKEY', response } as const
    await expect(test.complete(other.challengeToken, proof)).rejects.toMatchObject({
      code: 'INVALID_CODE',
      message: 'The passkey did not answer this challenge.',
    })
    const { worked } = await settle(Array.from({ length: 10 }, () => test.complete(challengeToken, proof)))
    expect(worked).toHaveLength(1)
  })

  it.each([null, undefined, '', 'x', 7, [], {}, { id: 'x', response: null }, { id: {}, rawId: [], type: 1 }])(
    'refuses what is no assertion (case %#)',
    async (response) => {
      await using test = await openFactors()
      await test.add(await test.join('ada'), newCredential())
      const { challengeToken } = await test.challenge()
      const attempt = test.complete(challengeToken, { method: 'PASSKEY', response })
      await expect(attempt).rejects.toMatchObject({ code: 'INVALID_CODE', details: { attemptsRemaining: 4 } })
    },
  )

  it('refuses the passkey of another user', async () => {
    await using test = await openFactors()
    await test.add(await test.join('ada'), newCredential())
    const foreign = newCredential()
    await test.add(await test.join('eve'), foreign)
    const { challengeToken, passkeyOptions } = await test.challenge()
    const response = authenticate(foreign, site, challengeOf(passkeyOptions ?? {}))
    const attempt = test.complete(challengeToken, { method: 'PASSKEY', response })
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_CODE' })
  })
})
