import type { Principal, Scope } from '../../src/core/principal.ts'

/**
 * Who may use a field: everybody, whoever has signed in, an administrator who has signed in, or any credential with one of the
 * scopes. API keys can do nothing about accounts, whatever scopes they have, but read.
 */
export type Who = 'everybody' | 'a session' | 'an administrator in person' | readonly Scope[]

/** Every field of the root types, by what people are told of it. A new one is not in the list until somebody has decided. */
export const whoMay: Readonly<Record<string, Who>> = {
  // The ways in, and the way out of a session that has ended.
  'Query.authMethods': 'everybody',
  'Query.maintenance': 'everybody',
  'Mutation.signUp': 'everybody',
  'Mutation.signIn': 'everybody',
  'Mutation.completeMfa': 'everybody',
  'Mutation.startPasskeySignIn': 'everybody',
  'Mutation.finishPasskeySignIn': 'everybody',
  'Mutation.startOAuthSignIn': 'everybody',
  'Mutation.exchangeOAuthCode': 'everybody',
  'Mutation.refreshTokens': 'everybody',
  'Mutation.signOut': 'everybody',

  // What whoever reads the mails of an address may do.
  'Mutation.verifyEmail': 'everybody',
  'Mutation.resendEmailVerification': 'everybody',
  'Mutation.requestPasswordReset': 'everybody',
  'Mutation.resetPassword': 'everybody',
  'Mutation.confirmEmailChange': 'everybody',
  'Mutation.undoEmailChange': 'everybody',

  // One's own account, to read.
  'Query.me': ['account:read'],
  'Query.sessions': ['account:read'],
  'Query.passkeys': ['account:read'],
  'Query.mfaStatus': ['account:read'],
  'Query.identities': ['account:read'],
  'Query.apiKeys': ['account:read'],
  'Query.auditEvents': ['account:read', 'admin'],
  'Subscription.sessionEvents': ['account:read'],

  // One's own account, to change.
  'Mutation.changePassword': 'a session',
  'Mutation.requestEmailChange': 'a session',
  'Mutation.deleteAccount': 'a session',
  'Mutation.revokeSession': 'a session',
  'Mutation.revokeOtherSessions': 'a session',
  'Mutation.signOutEverywhere': 'a session',
  'Mutation.startStepUp': 'a session',
  'Mutation.completeStepUp': 'a session',
  'Mutation.enrollTotp': 'a session',
  'Mutation.confirmTotp': 'a session',
  'Mutation.removeTotp': 'a session',
  'Mutation.regenerateRecoveryCodes': 'a session',
  'Mutation.startPasskeyRegistration': 'a session',
  'Mutation.finishPasskeyRegistration': 'a session',
  'Mutation.renamePasskey': 'a session',
  'Mutation.removePasskey': 'a session',
  'Mutation.startIdentityLink': 'a session',
  'Mutation.finishIdentityLink': 'a session',
  'Mutation.unlinkIdentity': 'a session',
  'Mutation.createApiKey': 'a session',
  'Mutation.rotateApiKey': 'a session',
  'Mutation.revokeApiKey': 'a session',

  // Other people's accounts.
  'Query.users': ['admin'],
  'Query.user': ['admin'],
  'Query.invites': ['admin'],
  'Mutation.createInvite': 'an administrator in person',
  'Mutation.revokeInvite': 'an administrator in person',
  'Mutation.disableUser': 'an administrator in person',
  'Mutation.enableUser': 'an administrator in person',
  'Mutation.setUserRoles': 'an administrator in person',
  'Mutation.revokeUserSessions': 'an administrator in person',
  'Mutation.resetUserMfa': 'an administrator in person',
  'Mutation.rotateSigningKeys': 'an administrator in person',

  // Channels. Who may listen to which is for the service to decide: what is public is open to everybody.
  'Subscription.channel': 'everybody',
  'Mutation.publishMessage': ['channels:publish'],
  'Query.notices': ['channels:read'],
  'Subscription.notices': ['channels:read'],
  'Mutation.publishNotice': 'an administrator in person',
  'Mutation.withdrawNotice': 'an administrator in person',

  // The processes themselves.
  'Query.alerts': ['admin'],
  'Query.clusterStatus': ['admin'],
  'Query.systemStatus': ['admin'],
  'Query.heapSnapshots': ['admin'],
  'Query.runtimeSettings': ['admin'],
  'Subscription.alerts': ['admin'],
  'Subscription.clusterEvents': ['admin'],
  'Subscription.systemStatus': ['admin'],
  'Mutation.setLogLevel': 'an administrator in person',
  'Mutation.setMaintenance': 'an administrator in person',
  'Mutation.captureHeapSnapshot': 'an administrator in person',
  'Mutation.deleteHeapSnapshot': 'an administrator in person',

  // Work.
  'Query.tasks': ['jobs:read', 'jobs:write'],
  'Query.job': ['jobs:read'],
  'Query.jobs': ['jobs:read'],
  'Query.node': ['jobs:read'],
  'Query.poolStatus': ['admin'],
  'Query.artifact': ['artifacts:read'],
  'Mutation.submitJob': ['jobs:write'],
  'Mutation.double': ['jobs:write'],
  'Mutation.retryJob': ['jobs:write'],
  'Mutation.cancelJob': ['jobs:write'],
  'Mutation.uploadArtifact': ['artifacts:write'],
  'Subscription.job': ['jobs:read'],
  'Subscription.jobs': ['jobs:read'],
}

/** The code that a field is refused with to the principal; `null` where they may. */
export function refusalFor(name: string, principal: Principal): string | null {
  const who = whoMay[name]
  if (who === undefined) return 'not decided'
  if (principal.kind === 'anonymous') return who === 'everybody' ? null : (principal.refused ?? 'UNAUTHENTICATED')
  const isAboutAccounts = typeof who === 'string' && name.startsWith('Mutation.')
  if (principal.kind === 'apiKey' && isAboutAccounts) return 'FORBIDDEN'
  if (who === 'everybody' || who === 'a session') return null
  const scopes: readonly Scope[] = who === 'an administrator in person' ? ['admin'] : who
  if (principal.scopes.some((scope) => scopes.includes(scope))) return null
  return principal.mustEnrol ? 'MFA_ENROLMENT_REQUIRED' : 'INSUFFICIENT_SCOPE'
}
