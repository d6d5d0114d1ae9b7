import { deleteAccount } from '../../resolvers/accounts/delete-account.ts'
import type { DeletedAccount } from '../../services/accounts/emails/account-deletion.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'

/** Adds `Mutation.deleteAccount`. */
export function addAccountDeletion(builder: Builder, refusals: Refusals): void {
  const deleted = builder.objectRef<DeletedAccount>('AccountDeleted').implement({
    description: 'There is no such account any more.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'The id that it had, under which the audit log still knows it.' }),
    }),
  })

  const result = builder.unionType('DeleteAccountResult', {
    description: 'How a deletion ended.',
    types: [deleted, refusals.invalidInput, refusals.lastAdministrator],
    resolveType: (value) => refusalTypeName(value) ?? 'AccountDeleted',
  })

  builder.mutationField('deleteAccount', (t) =>
    t.field({
      type: result,
      description:
        'Removes your account with all that it can be signed in by, ends its sessions and API keys at once and clears the cookie. It cannot be undone. Asks for factors that were shown within 5 minutes.',
      args: { email: t.arg.string({ required: true, description: 'The address of your account, typed once more.' }) },
      resolve: deleteAccount,
    }),
  )
}
