import { sha256 } from '../../../core/secrets.ts'
import type { ClientInfo } from '../client-info.ts'
import { networkOf } from '../limits/limiter-keys.ts'
import type { MailRequest } from '../mail/queue-mail.ts'
import type { AccountParts } from '../parts.ts'
import { readEmailInput } from './read-email-input.ts'

/** An address, as an answer shows it. */
export interface EmailAnswer {
  readonly email: string
}

/**
 * Takes down that somebody who need not be known asks for a mail with a link: one transaction that enters one row, whether
 * or not there is such an account (ASVS 6.3.8). Throws `InvalidInputError` and `RateLimitedError`.
 */
export async function askForMail(
  { store, limiters, requestMail }: Pick<AccountParts, 'store' | 'limiters' | 'requestMail'>,
  { kind, email, client }: { readonly kind: MailRequest['kind']; readonly email: string; readonly client: ClientInfo },
): Promise<EmailAnswer> {
  const { address, key: emailKey } = readEmailInput(email, 'email')
  await limiters.mailByNetwork.consume(networkOf(client.ip))
  await limiters.mailByAddress.consume(sha256(emailKey))
  await store.write((records) => requestMail(records, { kind, emailKey, client }))
  return { email: address }
}
