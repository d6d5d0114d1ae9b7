import { disableUser } from '../../resolvers/accounts/disable-user.ts'
import { enableUser } from '../../resolvers/accounts/enable-user.ts'
import { resetUserMfa } from '../../resolvers/accounts/reset-user-mfa.ts'
import { revokeUserSessions } from '../../resolvers/accounts/revoke-user-sessions.ts'
import { setUserRoles } from '../../resolvers/accounts/set-user-roles.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import type { ManagedUserRef } from './managed-user.ts'
import type { RoleRef } from './role.ts'

interface AdministrationParts {
  readonly refusals: Refusals
  readonly user: ManagedUserRef
  readonly role: RoleRef
}

const forWhom = 'For administrators who have shown their factors within 5 minutes.'

/** Adds the mutations by which administrators look after users. */
export function addUserAdministration(builder: Builder, { refusals, user, role }: AdministrationParts): void {
  const directives = requiresOneOf('admin')

  const disabled = builder.unionType('DisableUserResult', {
    description: 'How shutting a user out ended.',
    types: [user, refusals.lastAdministrator],
    resolveType: (value) => refusalTypeName(value) ?? 'ManagedUser',
  })

  const changed = builder.unionType('SetUserRolesResult', {
    description: 'How the change of roles ended.',
    types: [user, refusals.invalidInput, refusals.lastAdministrator],
    resolveType: (value) => refusalTypeName(value) ?? 'ManagedUser',
  })

  builder.mutationFields((t) => ({
    disableUser: t.field({
      type: disabled,
      directives,
      description: `Shuts a user out at once: ends their sessions and streams, and refuses their password and API keys. ${forWhom}`,
      args: { id: t.arg.id({ required: true, description: 'Whom.' }) },
      resolve: disableUser,
    }),
    enableUser: t.field({
      type: user,
      directives,
      description: `Lets a user in again who was shut out; their API keys work again. ${forWhom}`,
      args: { id: t.arg.id({ required: true, description: 'Whom.' }) },
      resolve: enableUser,
    }),
    setUserRoles: t.field({
      type: changed,
      directives,
      description: `Sets what a user is here; holds at once for their sessions and API keys. ${forWhom}`,
      args: {
        id: t.arg.id({ required: true, description: 'Whose.' }),
        roles: t.arg({ type: [role], required: true, description: 'All that they are to have; everybody is a USER.' }),
      },
      resolve: setUserRoles,
    }),
    revokeUserSessions: t.int({
      directives,
      description: `Ends all sessions of a user; how many. API keys go on working. ${forWhom}`,
      args: { id: t.arg.id({ required: true, description: 'Whose.' }) },
      resolve: revokeUserSessions,
    }),
    resetUserMfa: t.field({
      type: user,
      directives,
      description: `Takes all second factors from a user who has lost them, passkeys as well, and ends their sessions. ${forWhom}`,
      args: { id: t.arg.id({ required: true, description: 'Whose.' }) },
      resolve: resetUserMfa,
    }),
  }))
}
