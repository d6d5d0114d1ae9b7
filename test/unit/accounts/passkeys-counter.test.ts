import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/core/principal.ts'
import { goodPassword } from './open-accounts.ts'
import {
  assert,
  authenticate,
  type Lies,
  newCredential,
  type SoftwareCredential,
} from '../../support/software-authenticator.ts'
import { client, settle } from './open-accounts.ts'
import { challengeOf, openPasskeys, openWithPasskey, type PasskeysUnderTest, site } from './open-passkeys.ts'

const refused = { code: 'INVALID_CREDENTIALS' }

/** Signs somebody in by password, up to the second factor. */
async function firstStep(test: PasskeysUnderTest, name: string) {
  const input = { email: `${name}@example.com`, password: goodPassword, delivery: 'TOKENS' } as const
  const entered = await test.accounts.signIn(input, client, anonymous)
  if (entered.kind !== 'MFA_REQUIRED') throw new Error('No second factor was asked for.')
  const { challengeToken, passkeyOptions, methods } = entered
  const challenge = challengeOf(passkeyOptions ?? {})
  return {
    challenge,
    methods,
    passkeyOptions,
    finish: (response: unknown) =>
      test.accounts.completeMfa({ challengeToken, proof: { method: 'PASSKEY', response } }, client, anonymous),
    by(credential: SoftwareCredential, lies?: Lies) {
      return this.finish(authenticate(credential, site, challenge, lies))
    },
  }
}

describe('the counter of a passkey', () => {
  it.each([
    ['does not move', 5, 5],
    ['goes back', 5, 4],
    ['goes back to 0', 5, 0],
    ['goes back from far', 2 ** 32 - 1000, 1],
  ])(
    'that %s gives a copy away: it is flagged, told, written down and not accepted any more',
    async (_what, to, back) => {
      await using test = await openWithPasskey(newCredential('ES256', { counter: 1 }))
      const { credential, owner } = test
      credential.counter = to - 1
      await test.signInBy(credential)
      credential.counter = back
      const { challengeToken, options } = await test.startSignIn()
      const copy = assert(credential, site, challengeOf(options))
      await expect(test.finishSignIn(challengeToken, copy)).rejects.toMatchObject(refused)

      const [passkey] = await test.accounts.passkeys(owner.principal)
      expect(passkey?.flaggedAt).toBe(test.clock.now())
      expect(await test.audited('PASSKEY_SUSPECTED')).toMatchObject([
        { outcome: 'FAILURE', subjectId: owner.userId, ip: client.ip, details: { passkeyId: owner.passkey.id } },
      ])
      const notices = (await test.notices()).filter(({ kind }) => kind === 'PASSKEY_SUSPECTED')
      expect(notices).toEqual([{ kind: 'PASSKEY_SUSPECTED', name: owner.passkey.name, to: 'ada@example.com' }])

      credential.counter = to + 100
      await expect(test.signInBy(credential)).rejects.toMatchObject(refused)
      expect(await test.audited('PASSKEY_SUSPECTED')).toHaveLength(1)
    },
  )

  it('that begins to count is held to it from then on', async () => {
    await using test = await openWithPasskey()
    await test.signInBy(test.credential)
    test.credential.counter = 1
    await test.signInBy(test.credential)
    test.credential.counter = 0
    await expect(test.signInBy(test.credential)).rejects.toMatchObject(refused)
    expect(await test.audited('PASSKEY_SUSPECTED')).toHaveLength(1)
  })

  it('is not believed without a right signature, so that nobody can have somebody else’s passkey flagged', async () => {
    await using test = await openWithPasskey(newCredential('ES256', { counter: 10 }))
    const { credential, owner } = test
    const forger = { ...newCredential(), id: credential.id, userHandle: credential.userHandle, counter: 0 }
    await expect(test.signInBy(forger)).rejects.toMatchObject(refused)
    expect(await test.accounts.passkeys(owner.principal)).toMatchObject([{ flaggedAt: null }])
    expect(await test.signInBy(credential)).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it('lets one of two assertions with the same count through, of two challenges at once', async () => {
    await using test = await openWithPasskey(newCredential('ES256', { counter: 5 }))
    const starts = [await test.startSignIn(), await test.startSignIn()]
    test.credential.counter = 6
    const { worked, reasons } = await settle(
      starts.map(({ challengeToken, options }) =>
        test.finishSignIn(challengeToken, assert(test.credential, site, challengeOf(options))),
      ),
    )
    expect(worked).toHaveLength(1)
    expect(reasons).toMatchObject([refused])
  })
})

describe('a passkey whose kind changes', () => {
  it.each([
    ['backed up though it could not be', false, true],
    ['tied to one device though it was not', true, false],
  ])('is refused: %s', async (_what, before, after) => {
    await using test = await openWithPasskey(newCredential('ES256', { backupEligible: before }))
    test.credential.backupEligible = after
    await expect(test.signInBy(test.credential)).rejects.toMatchObject(refused)
    test.credential.backupEligible = before
    expect(await test.signInBy(test.credential)).toMatchObject({ kind: 'SIGNED_IN' })
  })
})

describe('a passkey as the second factor', () => {
  it('follows a password, with or without user verification', async () => {
    await using test = await openWithPasskey()
    for (const userVerified of [true, false]) {
      const step = await firstStep(test, 'ada')
      expect(step.methods).toContain('PASSKEY')
      expect(step.passkeyOptions).toMatchObject({
        userVerification: 'preferred',
        allowCredentials: [{ id: test.credential.id.toString('base64url') }],
      })
      expect(await step.by(test.credential, { userVerified })).toMatchObject({
        kind: 'SIGNED_IN',
        session: { assurance: 2, methods: ['PASSWORD', 'PASSKEY'] },
      })
    }
  })

  it('may leave the user handle out, as security keys do', async () => {
    await using test = await openWithPasskey()
    const step = await firstStep(test, 'ada')
    expect(await step.by(test.credential, { userHandle: null })).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it('must be of the same user, whatever handle it shows', async () => {
    await using test = await openWithPasskey()
    const bob = newCredential()
    await test.add(await test.join('bob'), bob)
    for (const userHandle of [bob.userHandle, test.credential.userHandle, null]) {
      const step = await firstStep(test, 'ada')
      await expect(step.by(bob, { userHandle })).rejects.toMatchObject({ code: 'INVALID_CODE' })
    }
    const step = await firstStep(test, 'ada')
    const foreign = step.by(test.credential, { userHandle: bob.userHandle })
    await expect(foreign).rejects.toMatchObject({ code: 'INVALID_CODE' })
  })

  it('gives one session when the same assertion comes ten times at once', async () => {
    await using test = await openWithPasskey()
    const step = await firstStep(test, 'ada')
    const response = authenticate(test.credential, site, step.challenge)
    const { worked } = await settle(Array.from({ length: 10 }, () => step.finish(response)))
    expect(worked).toHaveLength(1)
    await expect(step.finish(response)).rejects.toMatchObject({ code: 'INVALID_CHALLENGE' })
  })

  it('is asked for by name only while it is accepted; one that is suspected does not open the account to the password alone', async () => {
    await using test = await openPasskeys()
    const [good, copied] = [newCredential(), newCredential('ES256', { counter: 5 })]
    await test.add(await test.add(await test.join('ada'), good), copied)
    copied.counter = 0
    await expect(test.signInBy(copied)).rejects.toMatchObject(refused)
    const allowed = await firstStep(test, 'ada')
    expect(allowed.passkeyOptions).toMatchObject({ allowCredentials: [{ id: good.id.toString('base64url') }] })
    await expect(allowed.by(copied)).rejects.toMatchObject({ code: 'INVALID_CODE' })

    test.tamper('update passkeys set flagged_at = 1')
    const none = await firstStep(test, 'ada')
    expect(none.passkeyOptions).toBeNull()
    expect(none.methods).toEqual(['PASSKEY', 'RECOVERY_CODE'])
  })
})
