import { requestPasswordReset } from '../../resolvers/accounts/request-password-reset.ts'
import { resetPassword } from '../../resolvers/accounts/reset-password.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import type { EmailRefs } from './account-email.ts'

/** Adds `Mutation.requestPasswordReset` and `Mutation.resetPassword`. */
export function addPasswordReset(builder: Builder, refusals: Refusals, emails: EmailRefs): void {
  const requested = builder.unionType('RequestPasswordResetResult', {
    description: 'How asking for a link ended.',
    types: [emails.mailRequested, refusals.invalidInput, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'MailRequested',
  })

  builder.mutationField('requestPasswordReset', (t) =>
    t.field({
      type: requested,
      directives: { skipAuth: {} },
      description:
        'Mails a link to set a password; older ones do not work any more. The answer is the same where there is no account.',
      args: { email: t.arg.string({ required: true, description: 'The address of the account.' }) },
      resolve: requestPasswordReset,
    }),
  )

  const input = builder.inputType('ResetPasswordInput', {
    description: 'What proves that you may set the password, and the password.',
    fields: (t) => ({
      token: t.string({ required: true, description: 'From the link in the mail; works once, for an hour.' }),
      newPassword: t.string({
        required: true,
        description:
          'From 15 to 256 characters of any kind, not easy to guess; 8 are enough where a second factor is required. Taken exactly as it is.',
      }),
    }),
  })

  const reset = builder.unionType('ResetPasswordResult', {
    description: 'How setting a password ended.',
    types: [emails.accountEmail, refusals.invalidToken, refusals.invalidInput, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'AccountEmail',
  })

  builder.mutationField('resetPassword', (t) =>
    t.field({
      type: reset,
      directives: { skipAuth: {} },
      description: checksCredential(
        'Sets the password of an account and ends all of its sessions. Sign in with it afterwards; a second factor is asked for as before. Where nobody had confirmed the address and there is no second factor, everything else that lets somebody in goes: providers, API keys.',
      ),
      args: { input: t.arg({ type: input, required: true, description: 'The link and the password.' }) },
      resolve: resetPassword,
    }),
  )
}
