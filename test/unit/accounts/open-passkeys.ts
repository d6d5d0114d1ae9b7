import { createSealer } from '../../../src/core/sealer.ts'
import { anonymous, type KnownPrincipal } from '../../../src/core/principal.ts'
import type { AuditEventRecord } from '../../../src/ports/accounts/audit-log.ts'
import type { ClientInfo } from '../../../src/services/accounts/client-info.ts'
import type { Entered, SignedIn } from '../../../src/services/accounts/entered.ts'
import type { Notice } from '../../../src/services/accounts/mail/notices.ts'
import { mailContext, type QueuedMail } from '../../../src/services/accounts/mail/queue-mail.ts'
import type { PasskeyChallenge } from '../../../src/services/accounts/passkeys/passkey-challenge.ts'
import type { PasskeyAdded } from '../../../src/services/accounts/passkeys/register-passkey.ts'
import {
  authenticate,
  type Lies,
  newCredential,
  register,
  type SoftwareCredential,
} from '../../support/software-authenticator.ts'
import { type AccountsOverrides, type AccountsUnderTest, client, nothing, openAccounts } from './open-accounts.ts'

/** The site of `openAccounts`. */
export const site = { rpId: 'localhost', origin: 'http://localhost:4000' }

/** The browser that signs in by passkey: its challenges are bound to it. */
export const browser: ClientInfo = { ...client, device: 'a'.repeat(43) }

/** Somebody with a session, who may have passkeys. */
export interface PasskeyOwner {
  readonly userId: string
  readonly principal: KnownPrincipal
}

export interface PasskeysUnderTest extends AccountsUnderTest {
  /** Signs a new user up. */
  join(name: string): Promise<PasskeyOwner>
  /** Who came by that session. */
  principalOf(session: Pick<SignedIn, 'cookie'>): Promise<KnownPrincipal>
  /** Registers the credential, and gives its owner in the renewed session. */
  add(owner: PasskeyOwner, credential: SoftwareCredential, name?: string | null): Promise<PasskeyOwner & PasskeyAdded>
  /** A whole registration up to its last step, with whatever is to be wrong in the response. */
  finishRegistration(owner: PasskeyOwner, credential: SoftwareCredential, lies?: Lies): Promise<PasskeyAdded>
  startSignIn(): Promise<PasskeyChallenge>
  finishSignIn(challengeToken: string, response: unknown, from?: ClientInfo): Promise<Entered>
  /** A whole sign-in. */
  signInBy(credential: SoftwareCredential, lies?: Lies): Promise<Entered>
  /** What was written down of that event, oldest first. */
  audited(event: AuditEventRecord['event']): Promise<readonly AuditEventRecord[]>
  /** The notices that wait to be sent. */
  notices(): Promise<readonly (Notice & { readonly to: string })[]>
}

/** Accounts in which passkeys can be used. */
export async function openPasskeys(overrides: AccountsOverrides = {}): Promise<PasskeysUnderTest> {
  const test = await openAccounts(overrides)
  const { accounts, store } = test
  const sealer = createSealer(['s'.repeat(32)])

  async function principalOf({ cookie }: Pick<SignedIn, 'cookie'>): Promise<KnownPrincipal> {
    const principal = await accounts.authenticate({ ...nothing, sessionCookie: cookie }, client)
    if (principal.kind === 'anonymous') throw new Error('The session is not alive.')
    return principal
  }

  async function finishRegistration({ principal }: PasskeyOwner, credential: SoftwareCredential, lies: Lies = {}) {
    const { challengeToken, options } = await accounts.startPasskeyRegistration(client, principal)
    credential.userHandle = userHandleOf(options)
    const response = register(credential, site, challengeOf(options), lies)
    return accounts.finishPasskeyRegistration({ challengeToken, response, name: null }, client, principal)
  }

  const startSignIn = () => accounts.startPasskeySignIn('COOKIE', browser)
  const finishSignIn: PasskeysUnderTest['finishSignIn'] = (challengeToken, response, from = browser) =>
    accounts.finishPasskeySignIn({ challengeToken, response }, from, anonymous)

  return {
    ...test,
    principalOf,
    finishRegistration,
    startSignIn,
    finishSignIn,

    async join(name) {
      const signedUp = await test.signUp({ email: `${name}@example.com`, displayName: name })
      if (signedUp.kind !== 'SIGNED_IN') throw new Error('The address was to be confirmed.')
      const principal = await principalOf(signedUp)
      return { userId: principal.userId, principal }
    },

    async add(owner, credential, name = null) {
      const { principal } = owner
      const { challengeToken, options } = await accounts.startPasskeyRegistration(client, principal)
      credential.userHandle = userHandleOf(options)
      const response = register(credential, site, challengeOf(options))
      const added = await accounts.finishPasskeyRegistration({ challengeToken, response, name }, client, principal)
      return { ...added, userId: owner.userId, principal: await principalOf(added.renewed) }
    },

    async signInBy(credential, lies) {
      const { challengeToken, options } = await startSignIn()
      return finishSignIn(challengeToken, authenticate(credential, site, challengeOf(options), lies))
    },

    async audited(event) {
      const query = { subjectId: null, event, before: null, limit: 100 }
      return (await store.read(({ audit }) => audit.list(query))).toReversed()
    },

    async notices() {
      const waiting = await store.read(({ mails }) => mails.list())
      return waiting.flatMap(({ id, sealed }) => {
        const mail = JSON.parse(sealer.open(sealed, mailContext(id))) as QueuedMail // as the service entered it
        return mail.kind === 'NOTICE' ? [{ ...mail.notice, to: mail.to }] : []
      })
    },
  }
}

/** Somebody with one passkey, signed in with it. */
export async function openWithPasskey(
  credential: SoftwareCredential = newCredential(),
  overrides: AccountsOverrides = {},
) {
  const test = await openPasskeys(overrides)
  const owner = await test.add(await test.join('ada'), credential)
  return { ...test, owner, credential }
}

/** The challenge in the options of a ceremony. */
export function challengeOf(options: PasskeyChallenge['options']): string {
  return String(options['challenge'])
}

export function userHandleOf({ user }: PasskeyChallenge['options']): string {
  return typeof user === 'object' && user !== null && 'id' in user ? String(user.id) : ''
}
