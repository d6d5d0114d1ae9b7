import type { User } from '../../services/accounts/outward.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { RoleRef } from './role.ts'

/** Adds `ManagedUser`: a type of its own, so that nothing of it shows up elsewhere. */
export function addManagedUser(builder: Builder, role: RoleRef) {
  return builder.objectRef<User>('ManagedUser').implement({
    description: 'Somebody with an account, as administrators see them.',
    directives: requiresOneOf('admin'),
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Names the user; never changes.' }),
      email: t.exposeString('email', { description: 'The email address, as it was given.' }),
      emailVerifiedAt: t.expose('emailVerifiedAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When whoever owns the address confirmed it; null: not yet.',
      }),
      displayName: t.exposeString('displayName', { description: 'What others see.' }),
      roles: t.field({ type: [role], description: 'What the user is here.', resolve: ({ roles }) => [...roles] }),
      hasPassword: t.exposeBoolean('hasPassword', {
        description: 'Whether there is a password; false: they come in by a passkey or a provider.',
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was made.' }),
      disabledAt: t.expose('disabledAt', {
        type: 'DateTime',
        nullable: true,
        description: 'Since when nothing of theirs is let in; null: they may come in.',
      }),
    }),
  })
}

export type ManagedUserRef = ReturnType<typeof addManagedUser>
