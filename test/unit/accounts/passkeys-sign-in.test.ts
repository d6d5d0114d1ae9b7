import { describe, expect, it } from 'vitest'
import { Refusal } from '../../../src/core/errors.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { newSecret } from '../../../src/core/secrets.ts'
import type { Entered, SignedIn } from '../../../src/services/accounts/entered.ts'
import { assert, authenticate, type Lies, newCredential, register } from '../../support/software-authenticator.ts'
import { client, nothing, settle } from './open-accounts.ts'
import { browser, challengeOf, openPasskeys, openWithPasskey, site, userHandleOf } from './open-passkeys.ts'

const minute = 60_000
const refused = { code: 'INVALID_CREDENTIALS' }

function session(entered: Entered): SignedIn {
  if (entered.kind !== 'SIGNED_IN') throw new Error('A second factor was asked for.')
  return entered
}

async function answerOf(attempt: Promise<unknown>): Promise<string> {
  const reason: unknown = await attempt.catch((error: unknown) => error)
  if (!(reason instanceof Refusal)) throw new TypeError('The attempt was not refused.')
  return JSON.stringify([reason.code, reason.message, reason.details])
}

describe('signing in by passkey', () => {
  it('lets nobody in whose address has to be confirmed and is not', async () => {
    await using test = await openWithPasskey()
    const { accounts } = test
    const strict = await test.restart({ policy: { emailVerification: true } })
    const signIn = async () => {
      const { challengeToken, options } = await accounts.startPasskeySignIn('COOKIE', browser)
      const response = authenticate(test.credential, site, challengeOf(options))
      return strict.finishPasskeySignIn({ challengeToken, response }, browser, anonymous)
    }
    await expect(signIn()).rejects.toMatchObject({ code: 'EMAIL_NOT_VERIFIED' })
    expect(await accounts.sessions(test.owner.principal)).toHaveLength(1)
    test.tamper('update users set email_verified_at = 1')
    expect(await signIn()).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it('asks for nothing about who it is, and starts a session of two factors', async () => {
    await using test = await openWithPasskey()
    const { options, expiresAt } = await test.startSignIn()
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required' })
    expect(options['allowCredentials']).toBeUndefined()
    expect(Buffer.from(challengeOf(options), 'base64url')).toHaveLength(32)
    expect(expiresAt).toBe(test.clock.now() + 5 * minute)

    test.clock.advance(minute)
    const signedIn = session(await test.signInBy(test.credential))
    expect(signedIn).toMatchObject({
      user: { id: test.owner.userId },
      session: { assurance: 2, methods: ['PASSKEY'], delivery: 'COOKIE', authenticatedAt: test.clock.now() },
      tokens: null,
    })
    expect(await test.principalOf(signedIn)).toMatchObject({ userId: test.owner.userId, assurance: 2 })
    const [passkey] = await test.accounts.passkeys(await test.principalOf(signedIn))
    expect(passkey?.lastUsedAt).toBe(test.clock.now())
    const written = (await test.audited('SIGNED_IN')).at(-1)
    expect(written).toMatchObject({ subjectId: test.owner.userId, methods: ['PASSKEY'], assurance: 2 })
  })

  it('gives tokens where they were asked for', async () => {
    await using test = await openWithPasskey()
    const { challengeToken, options } = await test.accounts.startPasskeySignIn('TOKENS', client)
    const response = authenticate(test.credential, site, challengeOf(options))
    const { cookie, tokens } = session(await test.finishSignIn(challengeToken, response, client))
    expect(cookie).toBeNull()
    const bearer = tokens?.accessToken ?? null
    expect(await test.accounts.authenticate({ ...nothing, bearer }, client)).toMatchObject({ assurance: 2 })
  })

  it('works with each of several passkeys, with and without a counter', async () => {
    await using test = await openPasskeys()
    const credentials = [
      newCredential('EdDSA'),
      newCredential('ES256', { counter: 1 }),
      newCredential('RS256', { backupEligible: true, backedUp: true }),
    ]
    let owner = await test.join('ada')
    for (const credential of credentials) owner = await test.add(owner, credential)
    for (const credential of [...credentials, ...credentials]) {
      expect(session(await test.signInBy(credential)).user.id).toBe(owner.userId)
    }
    const stored = await test.store.read(({ passkeys }) => passkeys.of(owner.userId))
    expect(stored.map(({ counter }) => counter)).toEqual([0, 3, 0])
  })

  it('keeps up with whether the passkey is backed up', async () => {
    await using test = await openWithPasskey(newCredential('ES256', { backupEligible: true }))
    test.credential.backedUp = true
    await test.signInBy(test.credential)
    expect(await test.accounts.passkeys(test.owner.principal)).toMatchObject([{ backedUp: true }])
  })

  it('ends the session that came with the request', async () => {
    await using test = await openWithPasskey()
    const { challengeToken, options } = await test.startSignIn()
    const response = authenticate(test.credential, site, challengeOf(options))
    const { principal, renewed } = test.owner
    await test.accounts.finishPasskeySignIn({ challengeToken, response }, browser, principal)
    const planted = { ...nothing, sessionCookie: renewed.cookie }
    expect(await test.accounts.authenticate(planted, client)).toEqual({
      kind: 'anonymous',
      refused: 'SESSION_REVOKED',
    })
  })

  it('has one winner when the same assertion comes ten times at once, and none afterwards', async () => {
    await using test = await openWithPasskey()
    const { challengeToken, options } = await test.startSignIn()
    const response = authenticate(test.credential, site, challengeOf(options))
    const attempts = Array.from({ length: 10 }, () => test.finishSignIn(challengeToken, response))
    const { worked, reasons } = await settle(attempts)
    expect(worked).toHaveLength(1)
    expect(reasons).toMatchObject(Array.from({ length: 9 }, () => refused))
    await expect(test.finishSignIn(challengeToken, response)).rejects.toMatchObject(refused)
    const sessions = await test.accounts.sessions(test.owner.principal)
    expect(sessions.filter(({ methods }) => methods.join() === 'PASSKEY')).toHaveLength(1)
  })

  it('takes an assertion for no other challenge than its own', async () => {
    await using test = await openWithPasskey()
    const first = await test.startSignIn()
    const second = await test.startSignIn()
    const response = authenticate(test.credential, site, challengeOf(first.options))
    await expect(test.finishSignIn(second.challengeToken, response)).rejects.toMatchObject(refused)
    expect(await test.finishSignIn(first.challengeToken, response)).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it('takes a challenge for five minutes, in the browser that asked for it', async () => {
    await using test = await openWithPasskey()
    const begin = async () => {
      const { challengeToken, options } = await test.startSignIn()
      return [challengeToken, authenticate(test.credential, site, challengeOf(options))] as const
    }
    for (const device of [null, 'b'.repeat(43)]) {
      await expect(test.finishSignIn(...(await begin()), { ...browser, device })).rejects.toMatchObject(refused)
    }
    const late = await begin()
    test.clock.advance(5 * minute)
    await expect(test.finishSignIn(...late)).rejects.toMatchObject(refused)
  })

  it('takes neither the challenge of a registration nor its response, nor that of a second factor', async () => {
    await using test = await openWithPasskey()
    const { accounts, owner, credential } = test
    const registration = await accounts.startPasskeyRegistration(client, owner.principal)
    const forRegistration = authenticate(credential, site, challengeOf(registration.options))
    await expect(test.finishSignIn(registration.challengeToken, forRegistration)).rejects.toMatchObject(refused)

    const { challengeToken, options } = await test.startSignIn()
    const made = register(credential, site, challengeOf(options))
    await expect(test.finishSignIn(challengeToken, made)).rejects.toMatchObject(refused)
    const both = { ...made, response: { ...made.response, ...assert(credential, site, 'x').response } }
    await expect(test.finishSignIn((await test.startSignIn()).challengeToken, both)).rejects.toMatchObject(refused)

    const mfa = await accounts.signIn(
      { email: 'ada@example.com', password: 'violet hum table 7', delivery: 'TOKENS' },
      client,
      anonymous,
    )
    if (mfa.kind !== 'MFA_REQUIRED') throw new Error('No second factor was asked for.')
    const second = authenticate(credential, site, challengeOf(mfa.passkeyOptions ?? {}))
    await expect(test.finishSignIn(mfa.challengeToken, second, client)).rejects.toMatchObject(refused)
  })

  const attacks: readonly (readonly [string, Lies])[] = [
    ['another origin', { origin: 'https://evil.example' }],
    ['the same host with another port', { origin: 'http://localhost:4001' }],
    ['another relying party', { rpId: 'evil.example' }],
    ['the type of a registration', { type: 'webauthn.create' }],
    ['another challenge', { challenge: newSecret(32) }],
    ['no user verification', { userVerified: false }],
    ['nobody present', { userPresent: false }],
    ['a page within another one', { crossOrigin: true }],
    ['a page within another one, which says of which', { crossOrigin: true, topOrigin: site.origin }],
    ['no user handle', { userHandle: null }],
    ['the user handle of nobody', { userHandle: newSecret(32) }],
  ]

  it.each(attacks)('refuses %s, uses the challenge up and writes it down', async (_what, lie) => {
    await using test = await openWithPasskey()
    const { challengeToken, options } = await test.startSignIn()
    const finish = (lies: Lies) => {
      return test.finishSignIn(challengeToken, authenticate(test.credential, site, challengeOf(options), lies))
    }
    await expect(finish(lie)).rejects.toMatchObject(refused)
    expect(await test.audited('SIGN_IN_FAILED')).toMatchObject([
      { outcome: 'FAILURE', actor: 'ANONYMOUS', methods: ['PASSKEY'], ip: client.ip },
    ])
    await expect(finish({})).rejects.toMatchObject(refused)
    expect(await test.signInBy(test.credential)).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it('refuses the user handle of somebody else', async () => {
    await using test = await openWithPasskey()
    const bob = newCredential()
    await test.add(await test.join('bob'), bob)
    await expect(test.signInBy(test.credential, { userHandle: bob.userHandle })).rejects.toMatchObject(refused)
    const { options } = await test.accounts.startPasskeyRegistration(client, test.owner.principal)
    expect(userHandleOf(options)).toBe(test.credential.userHandle)
  })

  it('answers every failure with the same bytes', async () => {
    await using test = await openWithPasskey()
    const disabled = newCredential()
    const { userId } = await test.add(await test.join('bob'), disabled)
    test.tamper('update users set disabled_at = 1 where id = ?', userId)
    const used = await test.startSignIn()
    await test.finishSignIn(used.challengeToken, authenticate(test.credential, site, challengeOf(used.options)))
    const open = async () => (await test.startSignIn()).challengeToken
    const answers = [
      await answerOf(test.finishSignIn('', null)),
      await answerOf(test.finishSignIn('x'.repeat(1_000_000), {})),
      await answerOf(test.finishSignIn(used.challengeToken, null)),
      await answerOf(test.finishSignIn(await open(), null)),
      await answerOf(test.finishSignIn(await open(), { id: 'x'.repeat(1_000_000) })),
      await answerOf(test.finishSignIn(await open(), assert(test.credential, site, 'x'))),
      await answerOf(test.signInBy(newCredential('ES256', { userHandle: newSecret(32) }))),
      await answerOf(test.signInBy(test.credential, { origin: 'https://evil.example' })),
      await answerOf(test.signInBy(disabled)),
    ]
    expect(new Set(answers).size).toBe(1)
    const failures = await test.audited('SIGN_IN_FAILED')
    // A challenge that is unknown or used concerns nobody: anybody could fill the log with them.
    expect(failures).toHaveLength(answers.length - 3)
    expect(failures.at(-1)).toMatchObject({ subjectId: userId })
  })

  it('stores of a challenge nothing that would let anybody in', async () => {
    await using test = await openWithPasskey()
    const { challengeToken } = await test.startSignIn()
    const secret = challengeToken.split('.')[1] ?? ''
    expect(secret).toHaveLength(43)
    expect(test.dump().map(String).join('\n')).not.toContain(secret)
  })
})
