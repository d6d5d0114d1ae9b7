import { describe, expect, it } from 'vitest'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { anonymous } from '../../../src/core/principal.ts'
import { type AccountLimiters, attemptLimits } from '../../../src/services/accounts/limits/attempt-limits.ts'
import { maxPasskeys } from '../../../src/services/accounts/passkeys/register-passkey.ts'
import { newCredential, register } from '../../support/software-authenticator.ts'
import { somebody } from '../../support/principals.ts'
import { client, nothing, settle } from './open-accounts.ts'
import { challengeOf, openPasskeys, openWithPasskey, site, userHandleOf } from './open-passkeys.ts'
import type { IdentityProviders } from '../../../src/ports/identity-providers.ts'

const minute = 60_000

describe('registering a passkey', () => {
  it('gives a challenge of 32 random bytes, for five minutes, and a handle that says nothing of the user', async () => {
    await using test = await openPasskeys()
    const ada = await test.join('ada')
    const first = await test.accounts.startPasskeyRegistration(client, ada.principal)
    const second = await test.accounts.startPasskeyRegistration(client, ada.principal)
    expect(first.expiresAt).toBe(test.clock.now() + 5 * minute)
    expect(Buffer.from(challengeOf(first.options), 'base64url')).toHaveLength(32)
    expect(challengeOf(second.options)).not.toBe(challengeOf(first.options))
    expect(Buffer.from(userHandleOf(first.options), 'base64url')).toHaveLength(32)
    expect(userHandleOf(second.options)).toBe(userHandleOf(first.options))
    const bob = await test.accounts.startPasskeyRegistration(client, (await test.join('bob')).principal)
    expect(userHandleOf(bob.options)).not.toBe(userHandleOf(first.options))
  })

  it('keeps what is told of the passkey, and names those that there are already', async () => {
    await using test = await openPasskeys()
    const credential = newCredential('ES256', { counter: 3, backupEligible: true, backedUp: true })
    const owner = await test.add(await test.join('ada'), credential, '  the blue key ')
    expect(owner.passkey).toEqual({
      id: expect.stringMatching(/^psk_/),
      credentialId: credential.id.toString('base64url'),
      transports: ['internal'],
      aaguid: '00000000-0000-0000-0000-000000000000',
      name: 'the blue key',
      backupEligible: true,
      backedUp: true,
      createdAt: test.clock.now(),
      lastUsedAt: null,
      flaggedAt: null,
    })
    expect(await test.accounts.passkeys(owner.principal)).toEqual([owner.passkey])
    const { options } = await test.accounts.startPasskeyRegistration(client, owner.principal)
    const descriptor = { id: credential.id.toString('base64url'), type: 'public-key', transports: ['internal'] }
    expect(options['excludeCredentials']).toEqual([descriptor])
  })

  it('with the first factor shows recovery codes once, ends sessions of one factor and renews the present one', async () => {
    await using test = await openPasskeys()
    const ada = await test.join('ada')
    const elsewhere = await test.signIn({ email: 'ada@example.com' })
    const owner = await test.add(ada, newCredential())
    expect(owner.recoveryCodes).toHaveLength(10)
    expect(owner.principal).toMatchObject({ assurance: 2, sessionId: ada.principal.sessionId })
    expect(owner.renewed.session.methods).toEqual(['PASSWORD', 'PASSKEY'])
    const gone = { kind: 'anonymous', refused: 'SESSION_REVOKED' }
    const credentials = { ...nothing, sessionCookie: elsewhere.cookie }
    expect(await test.accounts.authenticate(credentials, client)).toEqual(gone)

    const again = await test.add(owner, newCredential())
    expect(again.recoveryCodes).toBeNull()
    expect(await test.accounts.passkeys(again.principal)).toHaveLength(2)
    expect(await test.audited('PASSKEY_ADDED')).toMatchObject([
      { actorId: ada.userId, subjectId: ada.userId, methods: ['PASSKEY'], details: { passkeyId: owner.passkey.id } },
      { details: { passkeyId: again.passkey.id } },
    ])
    const notices = (await test.notices()).filter(({ kind }) => kind === 'FACTOR_ADDED')
    expect(notices).toHaveLength(2)
    expect(notices[0]).toMatchObject({ to: 'ada@example.com', factor: 'PASSKEY', name: owner.passkey.name })
  })

  it('asks for factors that were shown within five minutes', async () => {
    await using test = await openPasskeys()
    const ada = await test.join('ada')
    test.clock.advance(5 * minute - 1)
    await test.accounts.startPasskeyRegistration(client, ada.principal)
    test.clock.advance(1)
    const late = test.accounts.startPasskeyRegistration(client, ada.principal)
    await expect(late).rejects.toMatchObject({ code: 'STEP_UP_REQUIRED' })
  })

  it('is for people with a session only', async () => {
    await using test = await openPasskeys()
    const { userId } = await test.join('ada')
    const key = somebody({ kind: 'apiKey', userId, sessionId: null, keyId: 'key_1' })
    for (const [principal, code] of [
      [anonymous, 'UNAUTHENTICATED'],
      [key, 'FORBIDDEN'],
    ] as const) {
      const { accounts } = test
      for (const attempt of [
        accounts.startPasskeyRegistration(client, principal),
        accounts.finishPasskeyRegistration({ challengeToken: '', response: null, name: null }, client, principal),
        accounts.renamePasskey({ id: 'psk', name: 'x' }, client, principal),
        accounts.removePasskey('psk', client, principal),
      ]) {
        await expect(attempt).rejects.toMatchObject({ code })
      }
    }
    await expect(test.accounts.passkeys(anonymous)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(await test.accounts.passkeys(key)).toEqual([])
  })

  it('takes its challenge once, within its time, in the session that began it', async () => {
    await using test = await openPasskeys()
    const ada = await test.join('ada')
    const bob = await test.join('bob')
    const other = await test.principalOf(await test.signIn({ email: 'ada@example.com' }))
    const credential = newCredential()
    const begin = async () => {
      const { challengeToken, options } = await test.accounts.startPasskeyRegistration(client, ada.principal)
      return { challengeToken, response: register(credential, site, challengeOf(options)), name: null }
    }
    const finish = (input: Awaited<ReturnType<typeof begin>>, principal = ada.principal) =>
      test.accounts.finishPasskeyRegistration(input, client, principal)
    const refused = { code: 'INVALID_CHALLENGE' }

    await expect(finish(await begin(), bob.principal)).rejects.toMatchObject(refused)
    await expect(finish(await begin(), other)).rejects.toMatchObject(refused)
    const signIn = await test.startSignIn()
    await expect(finish({ ...(await begin()), challengeToken: signIn.challengeToken })).rejects.toMatchObject(refused)
    for (const challengeToken of ['', 'x', 'a'.repeat(1_000_000), `ott_${'0'.repeat(26)}.${'a'.repeat(43)}`]) {
      await expect(finish({ ...(await begin()), challengeToken })).rejects.toMatchObject(refused)
    }
    const changed = await begin()
    const wrongSecret = `${changed.challengeToken.slice(0, -2)}xx`
    await expect(finish({ ...changed, challengeToken: wrongSecret })).rejects.toMatchObject(refused)

    const input = await begin()
    const { worked, reasons } = await settle(Array.from({ length: 10 }, () => finish(input)))
    expect(worked).toHaveLength(1)
    expect(reasons).toMatchObject(Array.from({ length: 9 }, () => refused))
  })

  it('refuses a challenge that is over', async () => {
    await using test = await openPasskeys()
    const { principal } = await test.join('ada')
    const { challengeToken, options } = await test.accounts.startPasskeyRegistration(client, principal)
    const response = register(newCredential(), site, challengeOf(options))
    test.clock.advance(5 * minute)
    const late = test.accounts.finishPasskeyRegistration({ challengeToken, response, name: null }, client, principal)
    await expect(late).rejects.toMatchObject({ code: 'INVALID_CHALLENGE' })
  })

  it.each([
    ['another challenge', { challenge: 'AAAA' }],
    ['another site', { origin: 'http://localhost:4001' }],
    ['another relying party', { rpId: 'example.com' }],
    ['the type of a sign-in', { type: 'webauthn.get' }],
    ['no user verification', { userVerified: false }],
    ['a page within another one', { crossOrigin: true }],
  ])('refuses %s and uses the challenge up', async (_what, lie) => {
    await using test = await openPasskeys()
    const ada = await test.join('ada')
    const { challengeToken, options } = await test.accounts.startPasskeyRegistration(client, ada.principal)
    const credential = newCredential()
    const finish = (lies: object) => {
      const response = register(credential, site, challengeOf(options), lies)
      return test.accounts.finishPasskeyRegistration({ challengeToken, response, name: null }, client, ada.principal)
    }
    await expect(finish(lie)).rejects.toMatchObject({ code: 'INVALID_CODE' })
    await expect(finish({})).rejects.toMatchObject({ code: 'INVALID_CHALLENGE' })
    expect(await test.accounts.passkeys(ada.principal)).toEqual([])
  })

  it('takes a credential id once, whosever it is', async () => {
    await using test = await openWithPasskey()
    const bob = await test.join('bob')
    const copied = { ...newCredential(), id: test.credential.id }
    await expect(test.finishRegistration(bob, copied)).rejects.toMatchObject({ code: 'ALREADY_ENROLLED' })
    await expect(test.finishRegistration(test.owner, copied)).rejects.toMatchObject({ code: 'ALREADY_ENROLLED' })
    expect(await test.accounts.passkeys(bob.principal)).toEqual([])
  })

  it('takes 20 passkeys for a user', async () => {
    await using test = await openPasskeys()
    let owner = await test.join('ada')
    const last = await test.accounts.startPasskeyRegistration(client, owner.principal)
    for (let i = 0; i < maxPasskeys; i += 1) owner = await test.add(owner, newCredential())
    const refused = { code: 'QUOTA_EXCEEDED', quota: 'passkeys', limit: 20 }
    await expect(test.accounts.startPasskeyRegistration(client, owner.principal)).rejects.toMatchObject(refused)
    const response = register(newCredential(), site, challengeOf(last.options))
    const input = { challengeToken: last.challengeToken, response, name: null }
    const finish = test.accounts.finishPasskeyRegistration(input, client, owner.principal)
    await expect(finish).rejects.toMatchObject(refused)
  })

  it('is limited by network', async () => {
    const few = memoryRateLimiter({ attempts: 2, seconds: 60 })
    const free = memoryRateLimiter({ attempts: 1000, seconds: 60 })
    const limiters = Object.fromEntries(
      Object.keys(attemptLimits).map((name) => [name, name === 'challengeByNetwork' ? few : free]),
    ) as AccountLimiters // the keys are those of the table
    await using test = await openPasskeys({ limiters })
    const { principal } = await test.join('ada')
    await test.accounts.startPasskeyRegistration(client, principal)
    await test.startSignIn()
    const limited = { code: 'RATE_LIMITED' }
    await expect(test.accounts.startPasskeyRegistration(client, principal)).rejects.toMatchObject(limited)
    await expect(test.startSignIn()).rejects.toMatchObject(limited)
    await expect(test.finishSignIn('', null)).rejects.toMatchObject(limited)
  })
})

describe('the name of a passkey', () => {
  it.each([
    ['ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4', 'Mozilla/5.0 (Windows NT 10.0)', 'Google Password Manager'],
    ['00000000-0000-0000-0000-000000000000', 'Mozilla/5.0 (Linux; Android 15)', 'Passkey on Android'],
    ['00000000-0000-0000-0000-000000000000', 'Mozilla/5.0 (Macintosh; Intel Mac OS X)', 'Passkey on Mac'],
    ['00000000-0000-0000-0000-000000000000', null, 'Passkey'],
    ['00000000-0000-0000-0000-000000000000', 'curl/8', 'Passkey'],
  ])('is by default what can be told of %s in %j', async (aaguid, userAgent, name) => {
    await using test = await openPasskeys()
    const { principal } = await test.join('ada')
    const { challengeToken, options } = await test.accounts.startPasskeyRegistration(client, principal)
    const response = register(newCredential(), site, challengeOf(options), { aaguid })
    const input = { challengeToken, response, name: null }
    const added = await test.accounts.finishPasskeyRegistration(input, { ...client, userAgent }, principal)
    expect(added.passkey.name).toBe(name)
  })

  it.each(['', '   ', 'a'.repeat(101), 'a\u0000b', '\u202e', '\ud800'])('is not %j', async (name) => {
    await using test = await openWithPasskey()
    const { owner, accounts } = test
    const refused = { code: 'INVALID_INPUT', issues: [{ path: ['name'] }] }
    const rename = accounts.renamePasskey({ id: owner.passkey.id, name }, client, owner.principal)
    await expect(rename).rejects.toMatchObject(refused)
    // A name that is refused leaves the challenge as it is.
    const { challengeToken, options } = await accounts.startPasskeyRegistration(client, owner.principal)
    const response = register(newCredential(), site, challengeOf(options))
    const finish = (more: string | null) =>
      accounts.finishPasskeyRegistration({ challengeToken, response, name: more }, client, owner.principal)
    await expect(finish(name)).rejects.toMatchObject(refused)
    await finish('good')
  })

  it('is changed by its owner only, which is written down', async () => {
    await using test = await openWithPasskey()
    const { owner, accounts } = test
    const { id } = owner.passkey
    const bob = await test.join('bob')
    const missing = { code: 'NOT_FOUND' }
    await expect(accounts.renamePasskey({ id, name: 'mine' }, client, bob.principal)).rejects.toMatchObject(missing)
    const nowhere = accounts.renamePasskey({ id: 'psk_none', name: 'mine' }, client, owner.principal)
    await expect(nowhere).rejects.toMatchObject(missing)
    const renamed = await accounts.renamePasskey({ id, name: ' desk ' }, client, owner.principal)
    expect(renamed).toEqual({ ...owner.passkey, name: 'desk' })
    expect(await accounts.passkeys(owner.principal)).toEqual([renamed])
    expect(await accounts.passkeys(bob.principal)).toEqual([])
    expect(await test.audited('PASSKEY_RENAMED')).toMatchObject([
      { subjectId: owner.userId, details: { passkeyId: id } },
    ])
  })
})

describe('removing a passkey', () => {
  it('ends its use, takes the recovery codes away with the last factor, and is told and written down', async () => {
    await using test = await openPasskeys()
    const [one, two] = [newCredential(), newCredential()]
    const first = await test.add(await test.join('ada'), one)
    const second = await test.add(first, two)
    const { accounts, store } = test
    const codes = () => store.read(({ factors }) => factors.countRecoveryCodes(first.userId))
    expect(await accounts.removePasskey(first.passkey.id, client, second.principal)).toEqual(first.passkey)
    await expect(test.signInBy(one)).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
    expect(await test.signInBy(two)).toMatchObject({ kind: 'SIGNED_IN' })
    expect(await codes()).toBe(10)
    await accounts.removePasskey(second.passkey.id, client, second.principal)
    expect(await codes()).toBe(0)
    expect(await test.signIn({ email: 'ada@example.com' })).toMatchObject({ kind: 'SIGNED_IN' })
    expect(await test.audited('PASSKEY_REMOVED')).toHaveLength(2)
    const notices = (await test.notices()).filter(({ kind }) => kind === 'FACTOR_REMOVED')
    expect(notices).toMatchObject([
      { to: 'ada@example.com', factor: 'PASSKEY', name: first.passkey.name },
      { to: 'ada@example.com', factor: 'PASSKEY', name: second.passkey.name },
    ])
  })

  it('asks for two factors within five minutes', async () => {
    await using test = await openWithPasskey()
    const { owner, accounts, clock } = test
    const required = { code: 'STEP_UP_REQUIRED', details: { requiredAssuranceLevel: 2, maxAgeSeconds: 300 } }
    test.tamper('update sessions set assurance = 1')
    await expect(accounts.removePasskey(owner.passkey.id, client, owner.principal)).rejects.toMatchObject(required)
    test.tamper('update sessions set assurance = 2')
    clock.advance(5 * minute)
    await expect(accounts.removePasskey(owner.passkey.id, client, owner.principal)).rejects.toMatchObject(required)
  })

  it('is refused for what is not one’s own', async () => {
    await using test = await openWithPasskey()
    const bob = await test.add(await test.join('bob'), newCredential())
    const foreign = test.accounts.removePasskey(test.owner.passkey.id, client, bob.principal)
    await expect(foreign).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await test.signInBy(test.credential)).toMatchObject({ kind: 'SIGNED_IN' })
  })

  it('is refused for the last way in', async () => {
    await using test = await openWithPasskey(newCredential(), { providers: onlyProvider('p') })
    const { accounts } = test
    const two = await test.add(test.owner, newCredential())
    const { userId } = two
    test.tamper('update users set password_hash = null where id = ?', userId)
    const ids = [test.owner.passkey.id, two.passkey.id]
    const remove = (id: string) => accounts.removePasskey(id, client, two.principal)
    const { worked, reasons } = await settle(ids.map(remove))
    expect(worked).toHaveLength(1)
    expect(reasons).toMatchObject([{ code: 'LAST_WAY_IN' }])
    const [left] = await accounts.passkeys(two.principal)
    expect(await accounts.passkeys(two.principal)).toHaveLength(1)

    // A provider that is set up is another way.
    const identity = { id: 'idn_1', userId, provider: 'p', subject: 's', email: null, createdAt: 1, lastUsedAt: null }
    await test.store.write(({ identities }) => identities.insert(identity))
    await remove(left?.id ?? '')
    expect(await accounts.passkeys(two.principal)).toEqual([])
  })

  it('does not count a suspected passkey as another way in', async () => {
    await using test = await openWithPasskey()
    const two = await test.add(test.owner, newCredential())
    test.tamper('update users set password_hash = null where id = ?', two.userId)
    test.tamper('update passkeys set flagged_at = 1 where id = ?', two.passkey.id)
    const remove = (id: string) => test.accounts.removePasskey(id, client, two.principal)
    await expect(remove(test.owner.passkey.id)).rejects.toMatchObject({ code: 'LAST_WAY_IN' })
    await remove(two.passkey.id)
  })
})

/** A provider that nobody asks anything of. */
function onlyProvider(name: string): IdentityProviders {
  const notHere = () => {
    throw new TypeError('This test asks no provider.')
  }
  return { list: [{ name, displayName: name, trustedEmail: false }], authorizationUrl: notHere, redeem: notHere }
}
