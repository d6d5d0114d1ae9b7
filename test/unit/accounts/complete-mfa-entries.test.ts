import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { anonymous } from '../../../src/core/principal.ts'
import type { Entered } from '../../../src/services/accounts/entered.ts'
import { newCredential, type SoftwareCredential } from '../../support/software-authenticator.ts'
import { ada, client, nothing } from './open-accounts.ts'
import { openFactors } from './open-factors.ts'
import { adaThere, fragmentOf, type IdentitiesUnderTest, openIdentities, verifier } from './open-identities.ts'
import { browser, type PasskeyOwner } from './open-passkeys.ts'

interface Setting {
  readonly test: IdentitiesUnderTest
  readonly owner: PasskeyOwner
  readonly credential: SoftwareCredential
}

/** What an account may have besides its password; gives its owner as they are then. */
const enrolments = {
  nothing: async ({ owner }) => owner,
  'an authenticator app': ({ test, owner }) => test.enrol(owner),
  'a passkey': ({ test, owner, credential }) => test.add(owner, credential),
  both: async ({ test, owner, credential }) => test.add(await test.enrol(owner), credential),
  'an app without recovery codes': async ({ test, owner }) => {
    const enrolled = await test.enrol(owner)
    test.tamper('delete from recovery_codes')
    return enrolled
  },
  'a passkey that may have been copied': async ({ test, owner, credential }) => {
    const added = await test.add(owner, credential)
    test.tamper('update passkeys set flagged_at = 1')
    return added
  },
} as const satisfies Record<string, (setting: Setting) => Promise<PasskeyOwner>>

/** Every way in by one factor; gives what is asked for next, `null` for nothing. */
const firstFactors = {
  'the password': async ({ accounts }) =>
    methodsOf(
      await accounts.signIn({ email: ada.email, password: ada.password, delivery: 'COOKIE' }, browser, anonymous),
    ),
  'the password, for tokens': async ({ accounts }) =>
    methodsOf(
      await accounts.signIn({ email: ada.email, password: ada.password, delivery: 'TOKENS' }, client, anonymous),
    ),
  'a provider': async (test) => {
    const step = await test.comeBy(adaThere)
    const { mfa, methods } = fragmentOf(step)
    expect(step.signedIn === null).toBe(mfa !== undefined)
    return methods?.split(',') ?? null
  },
  'a provider, for tokens': async (test) => {
    const code = await test.codeFor(adaThere)
    return methodsOf(await test.accounts.exchangeOAuthCode({ code, codeVerifier: verifier }, client, anonymous))
  },
} as const satisfies Record<string, (test: IdentitiesUnderTest) => Promise<readonly string[] | null>>

function methodsOf(entered: Entered): readonly string[] | null {
  return entered.kind === 'MFA_REQUIRED' ? entered.methods : null
}

/** What is asked for after one factor; `null`: nothing. */
const asked: Readonly<Record<keyof typeof enrolments, readonly string[] | null>> = {
  nothing: null,
  'an authenticator app': ['TOTP', 'RECOVERY_CODE'],
  'a passkey': ['PASSKEY', 'RECOVERY_CODE'],
  both: ['TOTP', 'PASSKEY', 'RECOVERY_CODE'],
  'an app without recovery codes': ['TOTP'],
  'a passkey that may have been copied': ['PASSKEY', 'RECOVERY_CODE'],
}

async function openSetting(enrolment: keyof typeof enrolments): Promise<Setting> {
  const test = await openIdentities()
  const credential = newCredential()
  const owner = await test.join('ada')
  // Otherwise a provider would take the account over.
  test.tamper('update users set email_verified_at = 1')
  return { test, credential, owner: await enrolments[enrolment]({ test, owner, credential }) }
}

describe('who comes in', () => {
  const table = Object.keys(enrolments).flatMap((enrolment) =>
    Object.keys(firstFactors).map((first) => [first, enrolment] as const),
  ) as readonly (readonly [keyof typeof firstFactors, keyof typeof enrolments])[] // keys of the tables

  it.each(table)('by %s with %s enrolled is asked for a second factor, or has none', async (first, enrolment) => {
    const setting = await openSetting(enrolment)
    await using test = setting.test
    const before = await test.accounts.sessions(setting.owner.principal)
    const methods = await firstFactors[first](test)
    const after = await test.accounts.sessions(setting.owner.principal)
    expect(methods).toEqual(asked[enrolment])
    expect(after).toHaveLength(before.length + (asked[enrolment] === null ? 1 : 0))
  })

  it.each(['a passkey', 'both'] as const)(
    'by a passkey with user verification has shown two: %s',
    async (enrolment) => {
      const setting = await openSetting(enrolment)
      await using test = setting.test
      expect(await test.signInBy(setting.credential)).toMatchObject({
        kind: 'SIGNED_IN',
        session: { assurance: 2, methods: ['PASSKEY'] },
      })
      await expect(test.signInBy(setting.credential, { userVerified: false })).rejects.toMatchObject({
        code: 'INVALID_CREDENTIALS',
      })
    },
  )

  it.each(['an authenticator app', 'a passkey'] as const)(
    'with a session, a token or a refresh token from before there was %s is out',
    async (enrolment) => {
      await using test = await openIdentities()
      const owner = await test.join('ada')
      const byCookie = await test.signIn()
      const byToken = await test.signIn({ delivery: 'TOKENS' })
      await enrolments[enrolment]({ test, owner, credential: newCredential() })
      const { accessToken = '', refreshToken = '' } = byToken.tokens ?? {}
      await expect(test.accounts.refreshTokens(refreshToken, client)).rejects.toMatchObject({
        code: 'INVALID_REFRESH_TOKEN',
      })
      await expect(test.accounts.authenticate({ ...nothing, bearer: accessToken }, client)).rejects.toMatchObject({
        code: 'SESSION_REVOKED',
      })
      const cookies = { ...nothing, sessionCookie: byCookie.cookie }
      expect(await test.accounts.authenticate(cookies, client)).toMatchObject({ kind: 'anonymous' })
    },
  )

  it('with both factors shown stays so when the tokens are refreshed', async () => {
    await using test = await openFactors()
    const owner = await test.enrol(await test.join('ada'))
    const { tokens } = await test.signInWithCode(owner, 'TOKENS')
    const next = await test.accounts.refreshTokens(tokens?.refreshToken ?? '', client)
    expect(await test.accounts.authenticate({ ...nothing, bearer: next.accessToken }, client)).toMatchObject({
      assurance: 2,
    })
  })

  it('comes in by one door: nothing else in accounts starts a session', async () => {
    const root = new URL('../../../src/services/accounts/', import.meta.url)
    const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.ts'))
    expect(files.length).toBeGreaterThan(50)
    const found = async (pattern: RegExp) => {
      const sources = await Promise.all(files.map((name) => readFile(new URL(name, root), 'utf8')))
      return files.filter((_name, index) => pattern.test(sources[index] ?? ''))
    }
    expect(await found(/\bstarter\.start\(/)).toEqual(['entry/entry.ts'])
    expect(await found(/\.insertSession\(/)).toEqual(['sessions/start-session.ts'])
  })
})
