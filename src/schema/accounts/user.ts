import type { User } from '../../services/accounts/outward.ts'
import { me } from '../../resolvers/accounts/me.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import type { RoleRef } from './role.ts'

/**
 * Adds `User` and `Query.me`. Fields that the answer to a sign-in may hold are public one by one: whoever signs in is still
 * anonymous then. A field that is added later is guarded unless it says otherwise.
 */
export function addUser(builder: Builder, role: RoleRef) {
  const skipAuth = {}

  const user = builder.objectRef<User>('User').implement({
    description: 'Somebody with an account.',
    fields: (t) => ({
      id: t.exposeID('id', { directives: { skipAuth }, description: 'Names the user; never changes.' }),
      email: t.exposeString('email', { directives: { skipAuth }, description: 'The email address, as it was given.' }),
      emailVerified: t.boolean({
        directives: { skipAuth },
        description: 'Whether whoever owns the address has confirmed it.',
        resolve: ({ emailVerifiedAt }) => emailVerifiedAt !== null,
      }),
      hasPassword: t.exposeBoolean('hasPassword', {
        directives: { skipAuth },
        description: 'Whether a password is one of the ways in.',
      }),
      displayName: t.exposeString('displayName', { directives: { skipAuth }, description: 'What others see.' }),
      roles: t.field({
        type: [role],
        directives: { skipAuth },
        description: 'What the user is here.',
        resolve: ({ roles }) => [...roles],
      }),
      createdAt: t.field({
        type: 'DateTime',
        directives: { skipAuth },
        description: 'When the account was made.',
        resolve: ({ createdAt }) => createdAt,
      }),
    }),
  })

  builder.queryField('me', (t) =>
    t.field({
      type: user,
      directives: requiresOneOf('account:read'),
      description: 'Who is asking.',
      resolve: me,
    }),
  )

  return user
}

export type UserRef = ReturnType<typeof addUser>
