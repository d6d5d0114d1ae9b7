import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/core/principal.ts'
import { createSealer } from '../../../src/core/sealer.ts'
import { sha256 } from '../../../src/core/secrets.ts'
import type { ClientInfo } from '../../../src/services/accounts/client-info.ts'
import { mailContext } from '../../../src/services/accounts/mail/queue-mail.ts'
import { privateKeyContext } from '../../../src/services/accounts/keys/ring-records.ts'
import { authenticate, newCredential } from '../../support/software-authenticator.ts'
import { ada, client, nothing } from './open-accounts.ts'
import { codesOf } from './codes-of.ts'
import type { FactorsUnderTest } from './open-factors.ts'
import { eveThere, openIdentities, verifier } from './open-identities.ts'
import { openMailbox, tokenIn } from './open-mailbox.ts'
import { browser, challengeOf, type PasskeyOwner, site } from './open-passkeys.ts'

const sealer = createSealer(['s'.repeat(32)])
const deviceCookie = 'a-cookie-that-one-browser-has-had-for-a-year'
const knownBrowser: ClientInfo = { ...client, device: sha256(deviceCookie) }

/** Accounts in which everything is there that is secret, with all of it as its owners know it. */
async function openFull() {
  const test = await openIdentities()
  const { accounts, store } = test
  const setupToken = await accounts.setupToken()
  const credential = newCredential()
  const enrolled = await test.enrol(await test.join('ada'))
  const { renewed, ...passkeyOwner } = await test.add(enrolled, credential)
  const owner = { ...enrolled, principal: passkeyOwner.principal }
  const { principal } = owner
  const { text: apiKey } = await accounts.createApiKey({ name: 'key', scopes: ['jobs:read'] }, client, principal)
  const { tokens } = await test.signInWithCode(owner, 'TOKENS')
  const refreshToken = tokens?.refreshToken ?? ''
  const successor = await accounts.refreshTokens(refreshToken, client)
  const mailed = await mailedTokens(test)
  await accounts.requestEmailChange('countess@example.com', client, principal)
  const root = await test.signUp({ email: 'root@example.com' })
  await accounts.setUserRoles({ id: root.user.id, roles: ['user', 'admin'] }, null, null)
  const { token: inviteToken } = await accounts.createInvite(
    { email: 'guest@example.com', roles: ['user'], expiresInHours: 1 },
    client,
    await test.principalOf(root),
  )
  const { challengeToken } = await test.challenge('COOKIE', knownBrowser)
  const passkeySignIn = await test.startSignIn()
  const wish = { provider: 'github', redirectTo: '/signed-in', delivery: 'COOKIE' } as const
  const transaction = await test.visit(await accounts.startOAuthSignIn(wish, browser), eveThere)
  const oauthCode = await test.codeFor(eveThere)
  const links = (await store.read((records) => records.mails.list()))
    .map(({ id, sealed }) => sealer.open(sealed, mailContext(id)))
    .flatMap((mail) => /"token":"([^"]+)"/.exec(mail)?.[1] ?? [])
  const keys = await store.read(({ signingKeys }) => signingKeys.list())
  const privateKeys = keys.map(({ kid, privateSealed }) => {
    const { d } = JSON.parse(sealer.open(privateSealed, privateKeyContext(kid))) as { d: string } // as it was made
    return d
  })
  const secrets = {
    ...mailed,
    setupToken: setupToken ?? '',
    password: ada.password,
    cookie: renewed.cookie ?? '',
    accessTokens: [tokens?.accessToken ?? '', successor.accessToken],
    refreshTokens: [refreshToken, successor.refreshToken],
    apiKey,
    challengeToken,
    passkeyToken: passkeySignIn.challengeToken,
    oauthState: new URLSearchParams(transaction.search).get('state') ?? '',
    oauthCode,
    deviceCookie,
    inviteToken,
    links,
    totp: owner.secret,
    recoveryCodes: owner.recoveryCodes,
    privateKeys,
  }
  return {
    ...test,
    owner,
    secrets,
    transaction,
    /** What the passkey says to the sign-in that was begun. */
    assertion: authenticate(credential, site, challengeOf(passkeySignIn.options)),
  }
}

/** What came by mail: to Ada, who wants to set a password, and to Bob, who has another address now. */
async function mailedTokens(test: FactorsUnderTest) {
  const { accounts } = test
  await using mailbox = openMailbox(test)
  const bob: PasskeyOwner = await test.join('bob')
  await accounts.requestPasswordReset(ada.email, client)
  await accounts.resendEmailVerification(ada.email, client)
  await accounts.requestEmailChange('robert@example.com', client, bob.principal)
  const first = await mailbox.collect()
  const tokenTo = (mails: typeof first, page: string) =>
    tokenIn(
      mails.find(({ text }) => text.includes(`/#/${page}?`)),
      page,
    )
  await accounts.confirmEmailChange(tokenTo(first, 'confirm-email-change'), client, anonymous)
  return {
    resetToken: tokenTo(first, 'reset-password'),
    verificationToken: tokenTo(first, 'verify-email'),
    undoToken: tokenTo(await mailbox.collect(), 'undo-email-change'),
  }
}

/** The ways in which a text may lie in a database, and the part of it that is secret where it has a public one. */
function formsOf(secret: string): readonly string[] {
  const parts = [secret, ...secret.split('.').slice(1), ...secret.split('_').slice(3)].filter(
    ({ length }) => length >= 8,
  )
  const bytes = parts.map((part) => Buffer.from(part))
  const plain = parts.flatMap((part) => [part, part.replaceAll('-', ''), part.toLowerCase(), part.toUpperCase()])
  return [
    ...plain,
    ...bytes.flatMap((part) => (['base64', 'base64url', 'hex'] as const).map((name) => part.toString(name))),
  ]
}

describe('a copy of the database', () => {
  it('holds no password, token, code, key or secret as it is', async () => {
    await using test = await openFull()
    const everything = test.dump().map(String).join('\n')
    const plain = Object.entries(test.secrets).flatMap(([kind, value]) =>
      [value].flat().map((secret) => [kind, secret] as const),
    )
    expect(plain.length).toBeGreaterThan(20)
    expect(test.secrets.links).not.toEqual([])
    for (const [kind, secret] of plain) {
      expect([kind, secret.length >= 8]).toEqual([kind, true])
      const found = formsOf(secret).filter((form) => everything.includes(form))
      expect([kind, found]).toEqual([kind, []])
    }
  })

  it('holds nothing that works as a credential, whatever it is shown as', async () => {
    await using test = await openFull()
    const { accounts, secrets, owner } = test
    const values = [...new Set(test.dump().map(String))]
    expect(values.length).toBeGreaterThan(100)
    const idsOf = (prefix: string) => values.filter((value) => new RegExp(`^${prefix}_[0-9a-z]{26}$`).test(value))
    expect([idsOf('ses').length > 1, idsOf('rft').length > 1, idsOf('ott').length > 5]).toEqual([true, true, true])

    for (const value of values) {
      // Nobody counts the attempts of who has the database.
      test.tamper('delete from attempt_counters')
      test.tamper('update one_time_tokens set attempts = 0')
      for (const sessionCookie of [value, ...idsOf('ses').map((id) => `${id}.${value}`)]) {
        expect(await accounts.authenticate({ ...nothing, sessionCookie }, client)).toMatchObject({ kind: 'anonymous' })
      }
      /** The value itself, and as the secret of what there really is. */
      const asToken = (real: string) => [value, `${real.split('.')[0]}.${value}`]
      const everywhere = [
        ...asToken(secrets.challengeToken),
        ...asToken(secrets.passkeyToken),
        ...asToken(secrets.oauthCode),
      ]
      const code = test.code(owner)
      const elsewhere: ClientInfo = { ...client, device: sha256(value) }
      const outcomes = await Promise.allSettled([
        accounts.authenticate({ ...nothing, bearer: value }, client),
        accounts.authenticate({ ...nothing, apiKey: value }, client),
        accounts.signIn({ ...ada, password: value }, client, anonymous),
        accounts.signUp({ ...ada, email: 'eve@example.com', setupToken: value }, client, anonymous),
        ...idsOf('rft').map((id) => accounts.refreshTokens(`${id}.${value}`, client)),
        accounts.refreshTokens(value, client),
        ...(['TOTP', 'RECOVERY_CODE'] as const).map((method) =>
          test.complete(secrets.challengeToken, { method, code: value }, knownBrowser),
        ),
        test.complete(secrets.challengeToken, { method: 'TOTP', code }, elsewhere),
        ...everywhere.flatMap((token) => [
          test.complete(token, { method: 'TOTP', code }, knownBrowser),
          test.finishSignIn(token, test.assertion),
          accounts.exchangeOAuthCode({ code: token, codeVerifier: verifier }, browser, anonymous),
        ]),
        accounts.exchangeOAuthCode({ code: `${value}.${value}`, codeVerifier: value }, browser, anonymous),
        ...asToken(secrets.resetToken).map((token) =>
          accounts.resetPassword({ token, newPassword: 'seven quiet harbours' }, client, anonymous),
        ),
        ...asToken(secrets.verificationToken).map((token) => accounts.verifyEmail(token, client, anonymous)),
        ...secrets.links.flatMap(asToken).map((token) => accounts.confirmEmailChange(token, client, anonymous)),
        ...asToken(secrets.undoToken).map((token) => accounts.undoEmailChange(token, client, anonymous)),
        ...asToken(secrets.inviteToken).map((inviteToken) =>
          accounts.signUp({ ...ada, email: 'guest@example.com', inviteToken }, client, anonymous),
        ),
      ])
      expect(outcomes.map(({ status }) => status)).not.toContain('fulfilled')
      const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : null))
      expect(new Set(codesOf(reasons)).difference(refusals)).toEqual(new Set())
      for (const state of asToken(secrets.oauthState)) {
        const search = test.transaction.search.replace(
          /state=[^&]*/,
          `state=${encodeURIComponent(state.slice(0, 100))}`,
        )
        expect(await test.finish({ ...test.transaction, search })).toMatchObject({ signedIn: null })
      }
    }

    // The real ones still do: nothing was used up by all that.
    expect((await test.finish(test.transaction)).signedIn).not.toBeNull()
    const code = test.code(owner)
    const done = [
      await test.complete(secrets.challengeToken, { method: 'TOTP', code }, knownBrowser),
      await test.finishSignIn(secrets.passkeyToken, test.assertion),
      await accounts.exchangeOAuthCode({ code: secrets.oauthCode, codeVerifier: verifier }, browser, anonymous),
    ]
    expect(done.map(({ kind }) => kind)).toEqual(['SIGNED_IN', 'SIGNED_IN', 'SIGNED_IN'])
    expect(await accounts.undoEmailChange(secrets.undoToken, client, anonymous)).toMatchObject({
      email: 'bob@example.com',
    })
    expect(await accounts.verifyEmail(secrets.verificationToken, client, anonymous)).toMatchObject({ email: ada.email })
    const newPassword = 'seven quiet harbours'
    const { resetToken: token } = secrets
    expect(await accounts.resetPassword({ token, newPassword }, client, anonymous)).toMatchObject({ email: ada.email })
  }, 60_000)
})

/** How everything is refused that is not right. */
const refusals = new Set([
  'UNAUTHENTICATED',
  'INVALID_CREDENTIALS',
  'INVALID_SETUP_TOKEN',
  'INVALID_REFRESH_TOKEN',
  'INVALID_CODE',
  'INVALID_CHALLENGE',
  'INVALID_TOKEN',
  'INVALID_INVITE',
])
