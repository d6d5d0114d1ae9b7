import type { EmailAnswer } from '../../services/accounts/emails/ask-for-mail.ts'
import type { Builder } from '../builder.ts'

/** Adds what the mutations around email addresses answer when they worked. Open: whoever opens a link need not be signed in. */
export function addAccountEmail(builder: Builder) {
  const mailRequested = builder.objectRef<EmailAnswer>('MailRequested').implement({
    description:
      'What was asked for was taken down. If there is anybody to get a mail, it is on its way; whether there is, nobody is told.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      email: t.exposeString('email', { description: 'The address, as it was given.' }),
    }),
  })

  const accountEmail = builder.objectRef<EmailAnswer>('AccountEmail').implement({
    description: 'The link worked. Nobody is signed in by it.',
    directives: { skipAuth: {} },
    fields: (t) => ({
      email: t.exposeString('email', { description: 'The address that the account has now: confirmed.' }),
    }),
  })

  return { mailRequested, accountEmail }
}

export type EmailRefs = ReturnType<typeof addAccountEmail>
