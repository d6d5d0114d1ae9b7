import type { User } from '../../services/accounts/accounts.ts'
import { me } from '../../resolvers/accounts/me.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'

/**
 * Adds `User` and `Query.me`. Fields that the answer to a sign-in may hold are public one by one: whoever signs in is still
 * anonymous then. A field that is added later is guarded unless it says otherwise.
 */
export function addUser(builder: Builder) {
  const skipAuth = {}

  const role = builder.enumType('Role', {
    description: 'What a user is here.',
    values: {
      USER: { value: 'user', description: 'Has jobs, files and channels of their own.' },
      ADMIN: { value: 'admin', description: 'Also looks after the server and its users.' },
    } as const,
  })

  const user = builder.objectRef<User>('User').implement({
    description: 'Somebody with an account.',
    fields: (t) => ({
      id: t.exposeID('id', { directives: { skipAuth }, description: 'Names the user; never changes.' }),
      email: t.exposeString('email', { directives: { skipAuth }, description: 'The email address, as it was given.' }),
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
