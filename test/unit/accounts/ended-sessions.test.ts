import { describe, expect, it } from 'vitest'
import { newId } from '../../../src/core/ids.ts'
import type { KnownPrincipal } from '../../../src/core/principal.ts'
import type { Accounts } from '../../../src/services/accounts/accounts.ts'
import { newCredential, register } from '../../support/software-authenticator.ts'
import { codeOf } from './codes-of.ts'
import { client, goodPassword } from './open-accounts.ts'
import { challengeOf, site, userHandleOf } from './open-passkeys.ts'
import { openPeople, type PeopleUnderTest } from './open-people.ts'

/** What was begun while the session lived. */
interface Begun {
  readonly stepUp: string
  readonly registration: { readonly challengeToken: string; readonly response: unknown }
}

type Command = (accounts: Accounts, by: KnownPrincipal, begun: Begun) => Promise<unknown>

const id = newId('user')
const email = 'eve@example.com'

/** Every command by which a session changes an account. */
const commands: Readonly<Record<string, Command>> = {
  createApiKey: (accounts, by) => accounts.createApiKey({ name: 'k', scopes: ['jobs:read'] }, client, by),
  rotateApiKey: (accounts, by) => accounts.rotateApiKey({ id, overlapSeconds: 0 }, client, by),
  revokeApiKey: (accounts, by) => accounts.revokeApiKey(id, client, by),
  requestEmailChange: (accounts, by) => accounts.requestEmailChange(email, client, by),
  deleteAccount: (accounts, by) => accounts.deleteAccount('root@example.com', client, by),
  changePassword: (accounts, by) => {
    const input = { currentPassword: goodPassword, newPassword: 'another fine sentence 9', keepOtherSessions: false }
    return accounts.changePassword(input, client, by)
  },
  startStepUp: (accounts, by) => accounts.startStepUp(by, client),
  completeStepUp: (accounts, by, { stepUp: challengeToken }) =>
    accounts.completeStepUp({ challengeToken, proof: { method: 'PASSWORD', password: goodPassword } }, by, client),
  enrollTotp: (accounts, by) => accounts.enrollTotp(by),
  confirmTotp: (accounts, by) => accounts.confirmTotp('123456', by, client),
  removeTotp: (accounts, by) => accounts.removeTotp(by, client),
  regenerateRecoveryCodes: (accounts, by) => accounts.regenerateRecoveryCodes(by, client),
  startPasskeyRegistration: (accounts, by) => accounts.startPasskeyRegistration(client, by),
  finishPasskeyRegistration: (accounts, by, { registration }) =>
    accounts.finishPasskeyRegistration({ ...registration, name: null }, client, by),
  renamePasskey: (accounts, by) => accounts.renamePasskey({ id, name: 'mine' }, client, by),
  removePasskey: (accounts, by) => accounts.removePasskey(id, client, by),
  startIdentityLink: (accounts, by) =>
    accounts.startIdentityLink({ provider: 'github', redirectTo: '/signed-in' }, client, by),
  finishIdentityLink: (accounts, by) => accounts.finishIdentityLink({ code: 'c', codeVerifier: 'v' }, client, by),
  unlinkIdentity: (accounts, by) => accounts.unlinkIdentity(id, client, by),
  revokeSession: (accounts, by) => accounts.revokeSession(newId('session'), by, client),
  revokeOtherSessions: (accounts, by) => accounts.revokeOtherSessions(by, client),
  signOutEverywhere: (accounts, by) => accounts.signOutEverywhere(by, client),
  disableUser: (accounts, by) => accounts.disableUser(id, client, by),
  enableUser: (accounts, by) => accounts.enableUser(id, client, by),
  setUserRoles: (accounts, by) => accounts.setUserRoles({ id, roles: ['admin'] }, client, by),
  resetUserMfa: (accounts, by) => accounts.resetUserMfa(id, client, by),
  revokeUserSessions: (accounts, by) => accounts.revokeUserSessions(id, client, by),
  createInvite: (accounts, by) => accounts.createInvite({ email, roles: ['admin'], expiresInHours: 1 }, client, by),
  revokeInvite: (accounts, by) => accounts.revokeInvite(id, client, by),
  rotateSigningKeys: (accounts, by) => accounts.rotateSigningKeys(by, client),
}

async function begin({ accounts, root: { principal } }: PeopleUnderTest): Promise<Begun> {
  const { challengeToken: stepUp } = await accounts.startStepUp(principal, client)
  const { challengeToken, options } = await accounts.startPasskeyRegistration(client, principal)
  const credential = newCredential()
  credential.userHandle = userHandleOf(options)
  return { stepUp, registration: { challengeToken, response: register(credential, site, challengeOf(options)) } }
}

describe('an account is not changed in another process on the word of who was let in before', () => {
  it.each<[string, (test: PeopleUnderTest) => Promise<unknown>]>([
    ['the session was signed out', ({ accounts, root }) => accounts.signOut(root.principal, client)],
    [
      'the session was given new credentials',
      (test) => test.stepUp(test.root.principal, { method: 'PASSWORD', password: goodPassword }),
    ],
  ])('%s', async (_, end) => {
    await using test = await openPeople()
    const other = await test.elsewhere()
    const begun = await begin(test)
    await end(test)
    const codes: Record<string, string | null> = {}
    for (const [name, command] of Object.entries(commands)) {
      codes[name] = await codeOf(command(other, test.root.principal, begun))
    }
    expect(codes).toEqual(Object.fromEntries(Object.keys(commands).map((name) => [name, 'SESSION_REVOKED'])))
  })

  it.each([
    ['the session has expired', 'update sessions set expires_at = 0'],
    ['the user was disabled', 'update users set disabled_at = 1'],
    ['the user is gone', 'delete from users'],
  ])('%s', async (_, statement) => {
    await using test = await openPeople()
    test.tamper(statement)
    expect(await codeOf(test.createKey(test.ada))).toBe('SESSION_REVOKED')
  })
})
