import { confirmEmailChange } from '../../resolvers/accounts/confirm-email-change.ts'
import { requestEmailChange } from '../../resolvers/accounts/request-email-change.ts'
import { undoEmailChange } from '../../resolvers/accounts/undo-email-change.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import type { EmailRefs } from './account-email.ts'

/** Adds `Mutation.requestEmailChange`, `Mutation.confirmEmailChange` and `Mutation.undoEmailChange`. */
export function addEmailChange(builder: Builder, refusals: Refusals, emails: EmailRefs): void {
  addRequest(builder, refusals, emails)
  addConfirmation(builder, refusals, emails)
}

function addRequest(builder: Builder, refusals: Refusals, { mailRequested }: EmailRefs): void {
  const requested = builder.unionType('RequestEmailChangeResult', {
    description: 'How asking for another address ended.',
    types: [mailRequested, refusals.invalidInput, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'MailRequested',
  })

  builder.mutationField('requestEmailChange', (t) =>
    t.field({
      type: requested,
      description:
        'Mails a link to the address that your account is to have; until it is opened nothing changes. The answer is the same where the address has an account. Asks for factors that were shown within 5 minutes.',
      args: { newEmail: t.arg.string({ required: true, description: 'The new address.' }) },
      resolve: requestEmailChange,
    }),
  )
}

function addConfirmation(builder: Builder, refusals: Refusals, { accountEmail }: EmailRefs): void {
  const changed = builder.unionType('ChangeEmailResult', {
    description: 'How changing an address, or taking the change back, ended.',
    types: [accountEmail, refusals.invalidToken, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'AccountEmail',
  })

  builder.mutationField('confirmEmailChange', (t) =>
    t.field({
      type: changed,
      directives: { skipAuth: {} },
      description: checksCredential(
        'Gives an account its new address. The old address gets a mail with a link that takes it back.',
      ),
      args: {
        token: t.arg.string({
          required: true,
          description: 'From the link in the mail to the new address; works once, for a day.',
        }),
      },
      resolve: confirmEmailChange,
    }),
  )

  builder.mutationField('undoEmailChange', (t) =>
    t.field({
      type: changed,
      directives: { skipAuth: {} },
      description: checksCredential('Gives an account its old address again and ends all of its sessions.'),
      args: {
        token: t.arg.string({
          required: true,
          description: 'From the link in the mail to the old address; works once, for a week.',
        }),
      },
      resolve: undoEmailChange,
    }),
  )
}
