import { resendEmailVerification } from '../../resolvers/accounts/resend-email-verification.ts'
import { verifyEmail } from '../../resolvers/accounts/verify-email.ts'
import type { Builder } from '../builder.ts'
import { type Refusals, refusalTypeName } from '../refusals.ts'
import { checksCredential } from './checks-credential.ts'
import type { EmailRefs } from './account-email.ts'

/** Adds `Mutation.verifyEmail` and `Mutation.resendEmailVerification`. */
export function addEmailVerification(builder: Builder, refusals: Refusals, emails: EmailRefs): void {
  const verified = builder.unionType('VerifyEmailResult', {
    description: 'How a confirmation ended.',
    types: [emails.accountEmail, refusals.invalidToken, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'AccountEmail',
  })

  builder.mutationField('verifyEmail', (t) =>
    t.field({
      type: verified,
      directives: { skipAuth: {} },
      description: checksCredential('Confirms the email address of an account.'),
      args: {
        token: t.arg.string({ required: true, description: 'From the link in the mail; works once, for a day.' }),
      },
      resolve: verifyEmail,
    }),
  )

  const resent = builder.unionType('ResendEmailVerificationResult', {
    description: 'How asking for another mail ended.',
    types: [emails.mailRequested, refusals.invalidInput, refusals.rateLimited],
    resolveType: (value) => refusalTypeName(value) ?? 'MailRequested',
  })

  builder.mutationField('resendEmailVerification', (t) =>
    t.field({
      type: resent,
      directives: { skipAuth: {} },
      description:
        'Mails a new link to confirm an address; older ones do not work any more. The answer is the same where there is nothing to confirm.',
      args: { email: t.arg.string({ required: true, description: 'The address of the account.' }) },
      resolve: resendEmailVerification,
    }),
  )
}
