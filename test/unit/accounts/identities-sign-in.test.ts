import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/core/principal.ts'
import type { GithubPerson } from '../../support/github-like.ts'
import { codeOf } from './codes-of.ts'
import { ada, client, goodPassword, nothing, settle } from './open-accounts.ts'
import { adaThere, eveThere, fragmentOf, type IdentitiesUnderTest, openIdentities } from './open-identities.ts'
import { browser } from './open-passkeys.ts'

const address = (email: string, verified = true) => [{ email, primary: true, verified }]

describe('signing in by a provider', () => {
  let test: IdentitiesUnderTest
  beforeEach(async () => {
    test = await openIdentities()
  })
  afterEach(() => test[Symbol.asyncDispose]())

  const users = () => test.store.read(({ accounts }) => accounts.listUsers({ search: null, before: null, limit: 100 }))
  const identitiesOf = (userId: string) => test.store.read(({ identities }) => identities.of(userId))

  it('makes an account of its own for who is new, with the address that the provider has checked', async () => {
    const { address: landed, signedIn } = await test.comeBy(adaThere)
    expect(landed).toBe('https://app.example.com/signed-in')
    expect(signedIn).toMatchObject({
      user: { email: 'ada@example.com', displayName: 'Ada Lovelace', roles: ['user'], hasPassword: false },
      session: { delivery: 'COOKIE', assurance: 1, methods: ['OAUTH'] },
      tokens: null,
    })
    expect(signedIn?.user.emailVerifiedAt).toBe(test.clock.now())
    const principal = await test.principalOf({ cookie: signedIn?.cookie ?? null })
    expect(await test.accounts.me(principal)).toMatchObject({ email: 'ada@example.com' })
    expect(await test.audited('SIGNED_UP')).toMatchObject([
      { subjectId: principal.userId, methods: ['OAUTH'], details: { provider: 'github', roles: 'user' } },
    ])
    expect(await test.audited('SIGNED_IN')).toMatchObject([{ subjectId: principal.userId, methods: ['OAUTH'] }])
  })

  it.each([
    [{ name: null }, 'ada'],
    [{ name: ' Ada ' }, 'Ada'],
    [{ name: 'turned \u202e around' }, 'ada'],
    [{ name: 'x'.repeat(101) }, 'ada'],
  ])('gives the account a name that can be shown: %j', async (more, displayName) => {
    const { signedIn } = await test.comeBy({ ...adaThere, ...more })
    expect(signedIn?.user.displayName).toBe(displayName)
  })

  it('finds the account by provider and subject, whatever the provider says of the person later', async () => {
    const first = await test.comeBy(adaThere)
    test.clock.advance(60_000)
    const renamed = { ...adaThere, login: 'lady', name: 'Countess', emails: address('countess@example.com') }
    const second = await test.comeBy(renamed)
    expect(second.signedIn?.user).toEqual(first.signedIn?.user)
    expect(await users()).toHaveLength(1)
    const userId = first.signedIn?.user.id ?? ''
    expect(await identitiesOf(userId)).toMatchObject([
      { provider: 'github', subject: '4711', email: 'ada@example.com', lastUsedAt: test.clock.now() },
    ])
    // The same number at another provider is somebody else.
    const other = await test.comeBy({ ...adaThere, emails: address('other@example.com') }, { provider: 'shady' })
    expect(other.signedIn?.user.email).toBe('other@example.com')
    expect(await users()).toHaveLength(2)
  })

  it('ends the session that the browser came with', async () => {
    const before = await test.comeBy(adaThere)
    const present = await test.principalOf({ cookie: before.signedIn?.cookie ?? null })
    const after = await test.comeBy(adaThere, {}, { present })
    const dead = await test.accounts.authenticate({ ...nothing, sessionCookie: before.signedIn?.cookie ?? '' }, client)
    expect(dead).toEqual({ kind: 'anonymous', refused: 'SESSION_REVOKED' })
    expect((await test.principalOf({ cookie: after.signedIn?.cookie ?? null })).userId).toBe(present.userId)
  })

  it('makes one account of many first sign-ins at once', async () => {
    const callbacks = await Promise.all(Array.from({ length: 8 }, () => test.begin()))
    const steps = await Promise.all(callbacks.map((callback) => test.finish(callback)))
    expect(new Set(steps.map(({ signedIn }) => signedIn?.user.id)).size).toBe(1)
    expect(await users()).toHaveLength(1)
  })

  it.each<[string, Partial<GithubPerson>]>([
    ['none', { emails: [] }],
    ['none that is one', { emails: address('no address') }],
  ])('makes no account for who has no address: %s', async (_name, more) => {
    expect(fragmentOf(await test.comeBy({ ...adaThere, ...more }))).toEqual({ error: 'PROVIDER_FAILED' })
    expect(await users()).toEqual([])
    expect(await test.audited('SIGN_IN_FAILED')).toMatchObject([
      { outcome: 'FAILURE', methods: ['OAUTH'], details: { provider: 'github', reason: 'PROVIDER_FAILED' } },
    ])
  })

  it.each(['invite', 'closed'] as const)(
    'makes no account where sign-up is %s, but lets in who has one',
    async (signUp) => {
      await test.comeBy(adaThere)
      const closed = await test.restart({ policy: { signUp } })
      const start = async (person: GithubPerson) => {
        const input = { provider: 'github', redirectTo: '/', delivery: 'COOKIE' } as const
        const callback = await test.visit(await closed.startOAuthSignIn(input, browser), person)
        return closed.finishOAuth(callback, browser, anonymous)
      }
      expect(fragmentOf(await start(eveThere))).toEqual({ error: 'SIGN_UP_CLOSED' })
      expect((await start(adaThere)).signedIn).not.toBeNull()
      expect(await users()).toHaveLength(1)
    },
  )

  it('asks whoever has a second factor for it, before anything exists', async () => {
    const first = await test.comeBy(adaThere)
    const principal = await test.principalOf({ cookie: first.signedIn?.cookie ?? null })
    const owner = await test.enrol({ userId: principal.userId, principal })
    const sessions = (await test.accounts.sessions(owner.principal)).length
    const { address: landed, signedIn } = await test.comeBy(adaThere)
    expect(signedIn).toBeNull()
    const { mfa = '', methods, expiresAt } = fragmentOf({ address: landed, signedIn })
    expect(methods).toBe('TOTP,RECOVERY_CODE')
    expect(Date.parse(expiresAt ?? '')).toBe(test.clock.now() + 5 * 60_000)
    expect(await test.accounts.sessions(owner.principal)).toHaveLength(sessions)
    const code = test.code(owner)
    // The challenge is of the browser that came back.
    const elsewhere = { ...browser, device: 'b'.repeat(43) }
    expect(await codeOf(test.complete(mfa, { method: 'TOTP', code }, elsewhere))).toBe('INVALID_CHALLENGE')
    const complete = await test.complete(mfa, { method: 'TOTP', code })
    expect(complete.session).toMatchObject({ methods: ['OAUTH', 'TOTP'], assurance: 2 })
  })

  describe('with an address that has an account', () => {
    const confirm = (userId: string) => test.store.write(({ accounts }) => accounts.setEmailVerified(userId, 1))

    /** Ada's account here, confirmed or not, and what comes of her sign-in by the provider. */
    async function meet(provider: string, confirmed: boolean, verified = true) {
      const { userId, principal } = await test.join('ada')
      if (confirmed) await confirm(userId)
      const person = { ...adaThere, emails: address('Ada@Example.com', verified) }
      const step = await test.comeBy(person, { provider })
      const user = await test.store.read(({ accounts }) => accounts.findUser(userId))
      return { userId, principal, step, user }
    }

    it.each([true, false])('leads into it by a provider that is believed (confirmed here: %s)', async (confirmed) => {
      const { userId, step, user } = await meet('github', confirmed)
      expect(step.signedIn?.user.id).toBe(userId)
      // An account that nobody confirmed was taken over.
      expect(user?.passwordHash !== null).toBe(confirmed)
      expect(await test.audited('ACCOUNT_TAKEN_OVER')).toHaveLength(confirmed ? 0 : 1)
      const notice = { kind: 'IDENTITY_LINKED', provider: 'github', to: 'ada@example.com' }
      expect(await test.notices()).toContainEqual(notice)
      expect(await test.audited('IDENTITY_LINKED')).toMatchObject([
        { subjectId: userId, details: { provider: 'github' } },
      ])
    })

    it.each([
      { way: 'by a provider that is not believed', provider: 'shady', verified: true, error: 'LINK_REQUIRED' },
      { way: 'with an address not checked there', provider: 'github', verified: false, error: 'PROVIDER_FAILED' },
    ])('does not lead into it $way', async ({ provider, verified, error }) => {
      const { userId, principal, step, user } = await meet(provider, true, verified)
      expect(fragmentOf(step)).toEqual({ error })
      expect(await identitiesOf(userId)).toEqual([])
      expect(user?.passwordHash).not.toBeNull()
      expect(await test.accounts.me(principal)).toMatchObject({ id: userId })
      // Nor if nobody had confirmed it here.
      test.tamper('update users set email_verified_at = null')
      expect(fragmentOf(await test.comeBy(adaThere, { provider: 'shady' }))).toEqual({ error: 'LINK_REQUIRED' })
    })

    it('keeps password, sessions and factors of an account whose address was confirmed, and asks for the factor', async () => {
      const owner = await test.enrol(await test.join('ada'))
      await confirm(owner.userId)
      const step = await test.comeBy(adaThere)
      expect(fragmentOf(step)).toMatchObject({ methods: 'TOTP,RECOVERY_CODE' })
      expect(await test.accounts.me(owner.principal)).toMatchObject({ id: owner.userId })
      expect(await test.challenge()).toMatchObject({ kind: 'MFA_REQUIRED' })
    })

    it('does not lead into it by an address that only looks the same', async () => {
      const { userId } = await test.join('kim')
      for (const confirmed of [null, 1]) {
        test.tamper('update users set email_verified_at = ? where id = ?', confirmed, userId)
        // The Kelvin sign, which Unicode takes for the letter K.
        const step = await test.comeBy({ ...adaThere, emails: address('\u212aim@example.com', true) })
        expect(fragmentOf(step)).toEqual({ error: 'LINK_REQUIRED' })
      }
      expect(await identitiesOf(userId)).toEqual([])
    })

    it('gives nobody an administrator’s account for its address alone', async () => {
      const input = { email: ada.email, password: goodPassword, displayName: 'Root', admin: true }
      const { id } = await test.accounts.createUser(input)
      for (const at of [null, 1]) {
        test.tamper('update users set email_verified_at = ? where id = ?', at, id)
        expect(fragmentOf(await test.comeBy(adaThere))).toEqual({ error: 'LINK_REQUIRED' })
        expect(await identitiesOf(id)).toEqual([])
        expect(await test.signIn()).toMatchObject({ user: { id } })
      }
    })

    it('lets nobody into a disabled account, and changes nothing of it', async () => {
      const { userId } = await test.join('ada')
      await test.store.write(({ accounts }) => accounts.setDisabled(userId, test.clock.now()))
      expect(fragmentOf(await test.comeBy(adaThere))).toEqual({ error: 'INVALID_CREDENTIALS' })
      const user = await test.store.read(({ accounts }) => accounts.findUser(userId))
      expect(user).toMatchObject({ emailVerifiedAt: null, disabledAt: test.clock.now() })
      expect(user?.passwordHash).not.toBeNull()
      // Nor into one that an identity is linked to.
      const { signedIn } = await test.comeBy(eveThere)
      await test.store.write(({ accounts }) => accounts.setDisabled(signedIn?.user.id ?? '', test.clock.now()))
      expect(fragmentOf(await test.comeBy(eveThere))).toEqual({ error: 'INVALID_CREDENTIALS' })
    })
  })

  describe('where addresses must be confirmed', () => {
    it('makes an account for an address that the provider is not believed on, and lets it in once it is confirmed', async () => {
      const strict = await test.restart({ policy: { emailVerification: true } })
      const start = async (provider: string) => {
        const input = { provider, redirectTo: '/', delivery: 'COOKIE' } as const
        const callback = await test.visit(await strict.startOAuthSignIn(input, browser))
        return strict.finishOAuth(callback, browser, anonymous)
      }
      expect(fragmentOf(await start('shady'))).toEqual({ error: 'EMAIL_NOT_VERIFIED' })
      expect(fragmentOf(await start('shady'))).toEqual({ error: 'EMAIL_NOT_VERIFIED' })
      const mails = (await test.notices()).filter(({ kind }) => kind === 'EMAIL_VERIFICATION')
      expect(mails).toMatchObject([{ to: 'ada@example.com' }])
      const [mail] = mails
      await strict.verifyEmail(mail?.kind === 'EMAIL_VERIFICATION' ? mail.token : '', client, anonymous)
      expect((await start('shady')).signedIn).not.toBeNull()
      expect(await users()).toHaveLength(1)
    })
  })
})

describe('who waits in an account with somebody else’s address', () => {
  it('is out with everything that they prepared once its owner comes by a provider', async () => {
    await using test = await openIdentities()
    const { accounts } = test
    // Eve makes an account with Ada's address and puts by every way back in that there is.
    const squatter = await test.enrol(await test.join('ada'))
    const { principal: present } = squatter
    const tokens = await test.signInWithCode(squatter, 'TOKENS')
    const { text: apiKey } = await accounts.createApiKey({ name: 'later', scopes: ['account:read'] }, client, present)
    await test.finish(
      await test.visit(
        await accounts.startIdentityLink({ provider: 'github', redirectTo: '/' }, browser, present),
        eveThere,
      ),
      { present },
    )
    await accounts.requestEmailChange('eve@elsewhere.example', client, present)
    const halfway = await test.challenge()

    const { signedIn } = await test.comeBy(adaThere)
    expect(signedIn?.user).toMatchObject({ id: squatter.userId, hasPassword: false })
    expect(signedIn?.user.emailVerifiedAt).not.toBeNull()

    const cookie = squatter.signedIn.cookie
    expect(await accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)).toEqual({
      kind: 'anonymous',
      refused: 'SESSION_REVOKED',
    })
    const bearer = tokens.tokens?.accessToken ?? ''
    expect(await codeOf(accounts.authenticate({ ...nothing, bearer }, client))).toBe('SESSION_REVOKED')
    const refreshToken = tokens.tokens?.refreshToken ?? ''
    expect(await codeOf(accounts.refreshTokens(refreshToken, client))).not.toBeNull()
    expect(await codeOf(accounts.authenticate({ ...nothing, apiKey }, client))).toBe('UNAUTHENTICATED')
    expect(await codeOf(test.signIn())).toBe('INVALID_CREDENTIALS')
    const code = test.code(squatter)
    expect(await codeOf(test.complete(halfway.challengeToken, { method: 'TOTP', code }))).toBe('INVALID_CHALLENGE')
    const change = (await test.notices()).find(({ kind }) => kind === 'EMAIL_CHANGE')
    expect(change?.kind === 'EMAIL_CHANGE').toBe(true)
    const token = change?.kind === 'EMAIL_CHANGE' ? change.token : ''
    expect(await codeOf(accounts.confirmEmailChange(token, client, anonymous))).toBe('INVALID_TOKEN')
    const eve = await test.comeBy(eveThere)
    expect(eve.signedIn?.user.id).not.toBe(squatter.userId)

    expect(await test.audited('ACCOUNT_TAKEN_OVER')).toMatchObject([
      { subjectId: squatter.userId, actor: 'ANONYMOUS', details: { provider: 'github' } },
    ])
    const owner = await test.principalOf({ cookie: signedIn?.cookie ?? null })
    expect(await accounts.identities(owner)).toMatchObject([{ provider: 'github', email: 'ada@example.com' }])
    expect(await accounts.apiKeys(owner)).toEqual([])
    expect(await accounts.passkeys(owner)).toEqual([])
    expect(await accounts.sessions(owner)).toHaveLength(1)
  })

  it('gets nothing by racing the owner', async () => {
    await using test = await openIdentities()
    await test.join('ada')
    const callback = await test.begin()
    const { worked } = await settle([test.signIn(), test.finish(callback).then(({ signedIn }) => signedIn)])
    const owner = worked.find((entered) => entered?.session.methods.includes('OAUTH') === true)
    const principal = await test.principalOf({ cookie: owner?.cookie ?? null })
    expect((await test.accounts.sessions(principal)).map(({ methods }) => methods)).toEqual([['OAUTH']])
  })
})
