import type { SendMailOptions } from 'nodemailer'
import type { Mail } from '../../ports/mailer.ts'

/** What is not allowed in an address without quotes (RFC 5322 §3.2.3), which no mail program would agree on how to read. */
const specials = /[\s<>()[\]\\,;:"\p{Cc}]/u

/** The mail as the library takes it. Throws for an address that cannot be written into a header as it is. */
export function toMessage({ to, subject, text, html }: Mail, from: string): SendMailOptions {
  if (specials.test(to) || to.split('@').length !== 2) throw new Error('The address cannot be written into a mail.')
  return {
    from,
    // Not as a text, which would be taken apart into several addresses.
    to: { name: '', address: to },
    subject,
    text,
    html,
    // Nobody's out-of-office note is to answer it (RFC 3834 §5).
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}

/** What the library must not do with a mail, whatever it says: read files or ask servers. */
export const shutIn = { disableFileAccess: true, disableUrlAccess: true } as const
