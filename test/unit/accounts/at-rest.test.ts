import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/core/principal.ts'
import { createSealer } from '../../../src/core/sealer.ts'
import { mailContext } from '../../../src/services/accounts/mail/queue-mail.ts'
import { privateKeyContext } from '../../../src/services/accounts/keys/ring-records.ts'
import { ada, client, nothing } from './open-accounts.ts'
import { codesOf } from './codes-of.ts'
import { openWithApp } from './open-factors.ts'

const sealer = createSealer(['s'.repeat(32)])

/** Accounts in which everything is there that is secret, with all of it as its owners know it. */
async function openFull() {
  const test = await openWithApp()
  const { accounts, store, owner } = test
  const { principal } = owner
  const setupToken = await accounts.setupToken()
  const { text: apiKey } = await accounts.createApiKey({ name: 'key', scopes: ['jobs:read'] }, client, principal)
  const { challengeToken } = await test.challenge()
  const { tokens } = await test.signInWithCode(owner, 'TOKENS')
  const refreshToken = tokens?.refreshToken ?? ''
  const successor = await accounts.refreshTokens(refreshToken, client)
  await accounts.requestEmailChange('countess@example.com', client, principal)
  await accounts.requestPasswordReset(ada.email, client)
  const { token: inviteToken } = await accounts.createInvite(
    { email: 'eve@example.com', roles: ['user'], expiresInHours: 1 },
    null,
    null,
  )
  const mails = await store.read((records) => records.mails.list())
  const links = mails
    .map(({ id, sealed }) => sealer.open(sealed, mailContext(id)))
    .flatMap((mail) => /"token":"([^"]+)"/.exec(mail)?.[1] ?? [])
  const keys = await store.read(({ signingKeys }) => signingKeys.list())
  const privateKeys = keys.map(({ kid, privateSealed }) => {
    const { d } = JSON.parse(sealer.open(privateSealed, privateKeyContext(kid))) as { d: string } // as it was made
    return d
  })
  const secrets = {
    setupToken: setupToken ?? '',
    password: ada.password,
    cookie: owner.signedIn.cookie ?? '',
    accessTokens: [tokens?.accessToken ?? '', successor.accessToken],
    refreshTokens: [refreshToken, successor.refreshToken],
    apiKey,
    challengeToken,
    inviteToken,
    links,
    totp: owner.secret,
    recoveryCodes: owner.recoveryCodes,
    privateKeys,
  }
  return { ...test, secrets }
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
    const { accounts } = test
    const values = [...new Set(test.dump().map(String))]
    expect(values.length).toBeGreaterThan(100)
    const ids = values.filter((value) => /^(ses|rft|ott)_[0-9a-z]{26}$/.test(value))
    const idsOf = (prefix: string) => ids.filter((id) => id.startsWith(prefix))
    expect([idsOf('ses_').length, idsOf('rft_').length, idsOf('ott_').length].every((count) => count > 1)).toBe(true)

    for (const value of values) {
      // Nobody counts the attempts of who has the database.
      test.tamper('delete from attempt_counters')
      test.tamper('update one_time_tokens set attempts = 0')
      const withId = (prefix: string) => [value, ...idsOf(prefix).map((id) => `${id}.${value}`)]
      for (const sessionCookie of withId('ses_')) {
        expect(await accounts.authenticate({ ...nothing, sessionCookie }, client)).toMatchObject({ kind: 'anonymous' })
      }
      const oneTime = withId('ott_')
      const { challengeToken } = test.secrets
      const outcomes = await Promise.allSettled([
        accounts.authenticate({ ...nothing, bearer: value }, client),
        accounts.authenticate({ ...nothing, apiKey: value }, client),
        accounts.signIn({ ...ada, password: value }, client, anonymous),
        accounts.signUp({ ...ada, email: 'eve@example.com', setupToken: value }, client, anonymous),
        ...withId('rft_').map((token) => accounts.refreshTokens(token, client)),
        ...(['TOTP', 'RECOVERY_CODE'] as const).map((method) => test.complete(challengeToken, { method, code: value })),
        ...oneTime.flatMap((token) => [
          test.complete(token, { method: 'TOTP', code: test.code(test.owner) }),
          accounts.resetPassword({ token, newPassword: 'seven quiet harbours' }, client, anonymous),
          accounts.verifyEmail(token, client, anonymous),
          accounts.confirmEmailChange(token, client, anonymous),
          accounts.signUp({ ...ada, email: 'eve@example.com', inviteToken: token }, client, anonymous),
        ]),
      ])
      expect(outcomes.map(({ status }) => status)).not.toContain('fulfilled')
      const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : null))
      expect(new Set(codesOf(reasons)).difference(refusals)).toEqual(new Set())
    }
    // The real ones still do: nothing was used up by all that.
    expect(
      await test.complete(test.secrets.challengeToken, { method: 'TOTP', code: test.code(test.owner) }),
    ).toMatchObject({
      kind: 'SIGNED_IN',
    })
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
