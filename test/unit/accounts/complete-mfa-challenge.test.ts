import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/core/principal.ts'
import { newSecret } from '../../../src/core/secrets.ts'
import { ada, client, goodPassword } from './open-accounts.ts'
import { minute, openWithApp, step } from './open-factors.ts'
import { browser } from './open-passkeys.ts'

const invalidChallenge = {
  code: 'INVALID_CHALLENGE',
  message: 'The challenge is unknown, used up or expired: begin again.',
}

describe('the challenge of a second step', () => {
  it('is refused when it is none, of another purpose, or has another secret', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    const [id = '', secret = ''] = challengeToken.split('.')
    const { challengeToken: stepUp } = await test.accounts.startStepUp(test.owner.principal, client)
    const { challengeToken: passkey } = await test.startSignIn()
    const proof = { method: 'TOTP', code: test.code(test.owner) } as const
    const wrong = [
      '',
      'x',
      id,
      secret,
      `${id}.`,
      `${id}.${newSecret(32)}`,
      `${challengeToken} `,
      'x'.repeat(1e6),
      stepUp,
      passkey,
    ]
    for (const token of wrong) {
      await expect(test.complete(token, proof)).rejects.toMatchObject(invalidChallenge)
    }
    await test.complete(challengeToken, proof)
  })

  it('is open for five minutes', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    test.clock.advance(5 * minute)
    const late = test.complete(challengeToken, { method: 'TOTP', code: test.code(test.owner) })
    await expect(late).rejects.toMatchObject(invalidChallenge)
  })

  it('of a cookie is bound to the browser of the first step', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    const proof = { method: 'TOTP', code: test.code(test.owner) } as const
    for (const device of [null, 'b'.repeat(43)]) {
      const elsewhere = test.complete(challengeToken, proof, { ...browser, device })
      await expect(elsewhere).rejects.toMatchObject(invalidChallenge)
    }
    await test.complete(challengeToken, proof)
  })

  it('works once', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    await test.complete(challengeToken, { method: 'TOTP', code: test.code(test.owner) })
    test.clock.advance(step)
    const again = test.complete(challengeToken, { method: 'TOTP', code: test.code(test.owner) })
    await expect(again).rejects.toMatchObject(invalidChallenge)
  })

  it('is void when the user was disabled meanwhile', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    test.tamper('update users set disabled_at = 1')
    const attempt = test.complete(challengeToken, { method: 'TOTP', code: test.code(test.owner) })
    await expect(attempt).rejects.toMatchObject(invalidChallenge)
  })

  it('is void when the account was deleted meanwhile', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    await test.store.write(({ accounts }) => accounts.deleteUser(test.owner.userId))
    const attempt = test.complete(challengeToken, { method: 'TOTP', code: test.code(test.owner) })
    await expect(attempt).rejects.toMatchObject(invalidChallenge)
  })

  it('is void when the factors were removed meanwhile', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    await test.accounts.removeTotp(test.owner.principal, client)
    const attempt = test.complete(challengeToken, { method: 'TOTP', code: test.code(test.owner) })
    await expect(attempt).rejects.toMatchObject(invalidChallenge)
  })

  it('is void when the password was changed meanwhile', async () => {
    await using test = await openWithApp()
    const { challengeToken } = await test.challenge()
    const input = { currentPassword: goodPassword, newPassword: 'green lamp over 9 boats', keepOtherSessions: true }
    await test.accounts.changePassword(input, client, test.owner.principal)
    const attempt = test.complete(challengeToken, { method: 'TOTP', code: test.code(test.owner) })
    await expect(attempt).rejects.toMatchObject(invalidChallenge)
  })

  it('of one user is of no use for another', async () => {
    await using test = await openWithApp()
    const eve = await test.enrol(await test.join('eve'))
    const { challengeToken } = await test.challenge()
    const attempt = test.complete(challengeToken, { method: 'TOTP', code: test.code(eve) })
    await expect(attempt).rejects.toMatchObject({ code: 'INVALID_CODE' })
    const [first = ''] = test.owner.recoveryCodes
    const asEve = await test.accounts.signIn({ ...ada, email: 'eve@example.com' }, browser, anonymous)
    if (asEve.kind !== 'MFA_REQUIRED') throw new Error('No second factor was asked for.')
    const foreign = test.complete(asEve.challengeToken, { method: 'RECOVERY_CODE', code: first })
    await expect(foreign).rejects.toMatchObject({ code: 'INVALID_CODE' })
  })
})
