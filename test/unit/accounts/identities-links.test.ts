import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { anonymous, type Principal } from '../../../src/core/principal.ts'
import type { OAuthInput } from '../../../src/services/accounts/identities/oauth-wish.ts'
import type { GithubPerson } from '../../support/github-like.ts'
import { newCredential } from '../../support/software-authenticator.ts'
import { codeOf } from './codes-of.ts'
import { client } from './open-accounts.ts'
import {
  adaThere,
  codeChallenge,
  eveThere,
  fragmentOf,
  type IdentitiesUnderTest,
  nativeApp,
  openIdentities,
  verifier,
} from './open-identities.ts'
import { browser } from './open-passkeys.ts'

const freshMs = 5 * 60_000

let test: IdentitiesUnderTest
beforeEach(async () => {
  test = await openIdentities()
})
afterEach(() => test[Symbol.asyncDispose]())

const wish: OAuthInput = { provider: 'github', redirectTo: '/settings' }

/** A whole link in the browser of that session. */
async function link(present: Principal, person: GithubPerson, input: Partial<OAuthInput> = {}) {
  const address = await test.accounts.startIdentityLink({ ...wish, ...input }, browser, present)
  return test.finish(await test.visit(address, person), { present })
}

/** Somebody who came by a provider alone. */
async function adaByProvider(): Promise<Principal> {
  const { signedIn } = await test.comeBy(adaThere)
  return test.principalOf({ cookie: signedIn?.cookie ?? null })
}

describe('linking a provider', () => {
  it('lets the user sign in by it from then on, whatever address they have there', async () => {
    const bob = await test.join('bob')
    const step = await link(bob.principal, adaThere)
    expect(step).toEqual({ address: 'https://app.example.com/settings#linked=github', signedIn: null })
    expect((await test.comeBy(adaThere)).signedIn?.user.id).toBe(bob.userId)
    expect(await test.accounts.identities(bob.principal)).toEqual([
      {
        id: expect.stringMatching(/^idn_/) as string,
        provider: 'github',
        providerName: 'GitHub',
        email: 'ada@example.com',
        createdAt: test.clock.now(),
        lastUsedAt: test.clock.now(),
      },
    ])
    expect(await test.notices()).toContainEqual({ kind: 'IDENTITY_LINKED', provider: 'github', to: 'bob@example.com' })
    expect(await test.audited('IDENTITY_LINKED')).toMatchObject([
      { outcome: 'SUCCESS', actorId: bob.userId, subjectId: bob.userId, details: { provider: 'github' } },
    ])
  })

  it('changes nothing when it is linked already', async () => {
    const bob = await test.join('bob')
    await link(bob.principal, adaThere)
    expect(fragmentOf(await link(bob.principal, adaThere))).toEqual({ linked: 'github' })
    expect(await test.accounts.identities(bob.principal)).toHaveLength(1)
    expect(await test.audited('IDENTITY_LINKED')).toHaveLength(1)
  })

  it('is refused for what is linked to somebody else', async () => {
    const [bob, eve] = [await test.join('bob'), await test.join('eve')]
    await link(bob.principal, adaThere)
    expect(fragmentOf(await link(eve.principal, adaThere))).toEqual({ error: 'IDENTITY_TAKEN' })
    expect(await test.accounts.identities(eve.principal)).toEqual([])
    expect(await test.audited('IDENTITY_LINKED')).toMatchObject([
      { outcome: 'SUCCESS' },
      { outcome: 'FAILURE', subjectId: eve.userId, details: { reason: 'IDENTITY_TAKEN' } },
    ])
  })

  it('is for the session that asked, not for whoever is in the browser when it comes back', async () => {
    const [bob, eve] = [await test.join('bob'), await test.join('eve')]
    const again = await test.principalOf(await test.signIn({ email: 'bob@example.com' }))
    for (const present of [eve.principal, again, anonymous]) {
      const address = await test.accounts.startIdentityLink(wish, browser, bob.principal)
      const step = await test.finish(await test.visit(address, adaThere), { present })
      expect([fragmentOf(step), step.signedIn]).toEqual([{ error: 'INVALID_CHALLENGE' }, null])
    }
    for (const { principal } of [bob, eve]) expect(await test.accounts.identities(principal)).toEqual([])
  })

  it('asks for factors that were shown within five minutes', async () => {
    const bob = await test.join('bob')
    test.clock.advance(freshMs)
    expect(await codeOf(test.accounts.startIdentityLink(wish, browser, bob.principal))).toBe('STEP_UP_REQUIRED')
    const input = { code: await test.codeFor(adaThere), codeVerifier: verifier }
    expect(await codeOf(test.accounts.finishIdentityLink(input, client, bob.principal))).toBe('STEP_UP_REQUIRED')
    expect(await codeOf(test.accounts.unlinkIdentity('idn_x', client, bob.principal))).toBe('STEP_UP_REQUIRED')
  })

  it('is for users with a session', async () => {
    const bob = await test.join('bob')
    const key: Principal = { ...bob.principal, kind: 'apiKey', sessionId: null, keyId: 'key_x' }
    for (const [principal, code] of [
      [anonymous, 'UNAUTHENTICATED'],
      [key, 'FORBIDDEN'],
    ] as const) {
      const input = { code: 'x', codeVerifier: verifier }
      expect(await codeOf(test.accounts.startIdentityLink(wish, browser, principal))).toBe(code)
      expect(await codeOf(test.accounts.finishIdentityLink(input, client, principal))).toBe(code)
      expect(await codeOf(test.accounts.unlinkIdentity('idn_x', client, principal))).toBe(code)
    }
    expect(await codeOf(test.accounts.identities(anonymous))).toBe('UNAUTHENTICATED')
    expect(await test.accounts.identities(key)).toEqual([])
  })

  it('goes over a code for a session of tokens, which the browser knows nothing of', async () => {
    const bob = await test.join('bob')
    const principal = await test.whoIs(await test.signIn({ email: 'bob@example.com', delivery: 'TOKENS' }))
    expect(await codeOf(test.accounts.startIdentityLink(wish, browser, principal))).toBe('INVALID_INPUT')
    const input = { ...wish, redirectTo: nativeApp, codeChallenge }
    const address = await test.accounts.startIdentityLink(input, client, principal)
    expect(address).toMatch(/^http:\/\/localhost:4000\/auth\/oauth\/github\?/)
    const code = await test.codeFor(adaThere)
    const wrong = { code: await test.codeFor(adaThere), codeVerifier: codeChallenge }
    expect(await codeOf(test.accounts.finishIdentityLink(wrong, client, principal))).toBe('INVALID_TOKEN')
    const linked = await test.accounts.finishIdentityLink({ code, codeVerifier: verifier }, client, principal)
    expect(linked).toMatchObject({ provider: 'github', email: 'ada@example.com' })
    expect((await test.comeBy(adaThere)).signedIn?.user.id).toBe(bob.userId)
    const eve = await test.join('eve')
    const taken = { code: await test.codeFor(adaThere), codeVerifier: verifier }
    expect(await codeOf(test.accounts.finishIdentityLink(taken, client, eve.principal))).toBe('IDENTITY_TAKEN')
  })
})

describe('unlinking a provider', () => {
  const onlyIdentity = async (principal: Principal) => (await test.accounts.identities(principal))[0]?.id ?? ''

  it('keeps the account from being entered by it', async () => {
    const bob = await test.join('bob')
    await link(bob.principal, eveThere)
    const id = await onlyIdentity(bob.principal)
    expect(await test.accounts.unlinkIdentity(id, client, bob.principal)).toMatchObject({ id, provider: 'github' })
    expect(await test.accounts.identities(bob.principal)).toEqual([])
    expect((await test.comeBy(eveThere)).signedIn?.user.id).not.toBe(bob.userId)
    expect(await test.notices()).toContainEqual({
      kind: 'IDENTITY_UNLINKED',
      provider: 'github',
      to: 'bob@example.com',
    })
    expect(await test.audited('IDENTITY_UNLINKED')).toMatchObject([{ subjectId: bob.userId }])
    expect(await codeOf(test.accounts.unlinkIdentity(id, client, bob.principal))).toBe('NOT_FOUND')
  })

  it('is refused for the last way in, and leaves it', async () => {
    const principal = await adaByProvider()
    const id = await onlyIdentity(principal)
    expect(await codeOf(test.accounts.unlinkIdentity(id, client, principal))).toBe('LAST_WAY_IN')
    expect(await onlyIdentity(principal)).toBe(id)
    expect(await test.audited('IDENTITY_UNLINKED')).toEqual([])
  })

  it.each<[string, (principal: Principal) => Promise<Principal>]>([
    [
      'another provider',
      async (principal) => {
        await link(principal, eveThere, { provider: 'shady' })
        return principal
      },
    ],
    [
      'a password',
      async (principal) => {
        if (principal.kind !== 'user') throw new Error('That is no user.')
        const { userId } = principal
        await test.store.write(({ accounts }) => accounts.setPasswordHash(userId, 'a hash'))
        return principal
      },
    ],
    [
      'a passkey',
      async (principal) => {
        if (principal.kind !== 'user') throw new Error('That is no user.')
        return (await test.add({ userId: principal.userId, principal }, newCredential())).principal
      },
    ],
  ])('works beside %s', async (_name, add) => {
    const principal = await add(await adaByProvider())
    const id = await onlyIdentity(principal)
    expect(await codeOf(test.accounts.unlinkIdentity(id, client, principal))).toBeNull()
  })

  it('does not count a provider that is not set up any more', async () => {
    const principal = await adaByProvider()
    await link(principal, eveThere, { provider: 'shady' })
    test.tamper(`update identities set provider = 'gone' where provider = 'shady'`)
    const id = await onlyIdentity(principal)
    expect(await codeOf(test.accounts.unlinkIdentity(id, client, principal))).toBe('LAST_WAY_IN')
    const shown = await test.accounts.identities(principal)
    expect(shown.map(({ providerName }) => providerName)).toEqual(['GitHub', 'gone'])
  })

  it('of somebody else finds nothing', async () => {
    const [bob, eve] = [await test.join('bob'), await test.join('eve')]
    await link(bob.principal, adaThere)
    const id = await onlyIdentity(bob.principal)
    expect(await codeOf(test.accounts.unlinkIdentity(id, client, eve.principal))).toBe('NOT_FOUND')
    expect(await test.accounts.identities(bob.principal)).toHaveLength(1)
  })

  it('leaves one of two that are unlinked at once', async () => {
    const principal = await adaByProvider()
    await link(principal, eveThere, { provider: 'shady' })
    const ids = (await test.accounts.identities(principal)).map(({ id }) => id)
    const codes = await Promise.all(ids.map((id) => codeOf(test.accounts.unlinkIdentity(id, client, principal))))
    expect(new Set(codes)).toEqual(new Set(['LAST_WAY_IN', null]))
    expect(await test.accounts.identities(principal)).toHaveLength(1)
  })
})
