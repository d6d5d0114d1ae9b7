import { anonymous, type KnownPrincipal } from '../../../src/core/principal.ts'
import type { Delivery } from '../../../src/ports/accounts/account-records.ts'
import type { ClientInfo } from '../../../src/services/accounts/client-info.ts'
import type { MfaRequired, SignedIn } from '../../../src/services/accounts/entered.ts'
import type { FactorProof, Proof } from '../../../src/services/accounts/factors/proof.ts'
import { codeAt, wrongCodeAt } from '../../support/authenticator-app.ts'
import { type AccountsOverrides, ada, client, nothing } from './open-accounts.ts'
import { browser, openPasskeys, type PasskeyOwner, type PasskeysUnderTest } from './open-passkeys.ts'

export const step = 30_000
export const minute = 60_000

/** Somebody with an authenticator app, in the session that set it up. */
export interface AppOwner extends PasskeyOwner {
  readonly secret: string
  readonly recoveryCodes: readonly string[]
  /** The session that set it up, as it was handed over. */
  readonly signedIn: SignedIn
}

export interface FactorsUnderTest extends PasskeysUnderTest {
  /** Sets up an authenticator app by the present code; then lets a step go by, so that the next code is unused. */
  enrol(owner: PasskeyOwner): Promise<AppOwner>
  /** The code of the app, now or so many steps away. */
  code(owner: AppOwner, steps?: number): string
  wrongCode(owner: AppOwner): string
  /** The first step of Ada's sign-in, by her password. */
  challenge(delivery?: Delivery, from?: ClientInfo): Promise<MfaRequired>
  /** The second step. */
  complete(challengeToken: string, proof: FactorProof, from?: ClientInfo): Promise<SignedIn>
  /** Both steps by password and app. */
  signInWithCode(owner: AppOwner, delivery?: Delivery): Promise<SignedIn>
  /** A whole step-up in the session of that principal. */
  stepUp(principal: KnownPrincipal, proof: Proof): Promise<SignedIn>
  /** Who a session's cookie, or its access token, stands for. */
  whoIs(signedIn: Pick<SignedIn, 'cookie' | 'tokens'>): Promise<KnownPrincipal>
}

/** Accounts in which all second factors can be used. */
export async function openFactors(overrides: AccountsOverrides = {}): Promise<FactorsUnderTest> {
  const test = await openPasskeys(overrides)
  const { accounts, clock } = test

  const complete: FactorsUnderTest['complete'] = (challengeToken, proof, from = browser) =>
    accounts.completeMfa({ challengeToken, proof }, from, anonymous)

  async function challenge(delivery: Delivery = 'COOKIE', from: ClientInfo = browser): Promise<MfaRequired> {
    const entered = await accounts.signIn({ email: ada.email, password: ada.password, delivery }, from, anonymous)
    if (entered.kind !== 'MFA_REQUIRED') throw new Error('No second factor was asked for.')
    return entered
  }

  async function whoIs({ cookie, tokens }: Pick<SignedIn, 'cookie' | 'tokens'>): Promise<KnownPrincipal> {
    const credentials = { ...nothing, sessionCookie: cookie, bearer: tokens?.accessToken ?? null }
    const principal = await accounts.authenticate(credentials, client)
    if (principal.kind === 'anonymous') throw new Error('The session is not alive.')
    return principal
  }

  const code: FactorsUnderTest['code'] = ({ secret }, steps = 0) => codeAt(secret, clock.now() + steps * step)

  return {
    ...test,
    complete,
    challenge,
    whoIs,
    code,
    wrongCode: ({ secret }) => wrongCodeAt(secret, clock.now()),

    async enrol({ userId, principal }) {
      const { secret } = await accounts.enrollTotp(principal)
      const confirmed = await accounts.confirmTotp(codeAt(secret, clock.now()), principal, client)
      const { recoveryCodes, signedIn } = confirmed
      clock.advance(step)
      return { userId, principal: await whoIs(signedIn), secret, recoveryCodes: recoveryCodes ?? [], signedIn }
    },

    async signInWithCode(owner, delivery) {
      const { challengeToken } = await challenge(delivery)
      const signedIn = await complete(challengeToken, { method: 'TOTP', code: code(owner) })
      clock.advance(step)
      return signedIn
    },

    async stepUp(principal, proof) {
      const { challengeToken } = await accounts.startStepUp(principal, client)
      return accounts.completeStepUp({ challengeToken, proof }, principal, client)
    },
  }
}

/** Ada with an authenticator app. */
export async function openWithApp(overrides: AccountsOverrides = {}) {
  const test = await openFactors(overrides)
  const owner = await test.enrol(await test.join('ada'))
  return { ...test, owner }
}
