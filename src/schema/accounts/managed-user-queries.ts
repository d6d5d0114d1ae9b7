import { user as findUser } from '../../resolvers/accounts/user.ts'
import { users } from '../../resolvers/accounts/users.ts'
import { requiresOneOf } from '../access.ts'
import type { Builder } from '../builder.ts'
import { addConnection } from '../connection.ts'
import type { PageInfoRef } from '../page-info.ts'
import type { ManagedUserRef } from './managed-user.ts'

/** Adds the queries `users` and `user`. */
export function addManagedUserQueries(builder: Builder, user: ManagedUserRef, pageInfo: PageInfoRef): void {
  const connection = addConnection(builder, {
    name: 'ManagedUser',
    words: ['A user', 'users'],
    node: user,
    pageInfo,
    scopes: ['admin'],
  })

  builder.queryFields((t) => ({
    users: t.field({
      type: connection,
      directives: requiresOneOf('admin'),
      description: 'All users, newest first, page by page. For administrators.',
      args: {
        first: t.arg.int({ required: true, defaultValue: 20, description: 'How many at most, from 1 to 100.' }),
        after: t.arg.string({ description: 'The cursor of the last user that you have: the page begins after it.' }),
        search: t.arg.string({
          description:
            'Only those with this in the email address or the name, whatever the case; at most 200 characters.',
        }),
      },
      resolve: users,
    }),
    user: t.field({
      type: user,
      nullable: true,
      directives: requiresOneOf('admin'),
      description: 'One user by id or email address; null where there is none. For administrators.',
      args: { idOrEmail: t.arg.string({ required: true, description: 'The id, or the email address.' }) },
      resolve: findUser,
    }),
  }))
}
