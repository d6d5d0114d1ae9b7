import type { Principal } from '../../../core/principal.ts'
import type { ClientInfo } from '../client-info.ts'
import type { AccountParts } from '../parts.ts'
import { askForMail, type EmailAnswer } from './ask-for-mail.ts'
import { createMailTokenUse, invalidToken } from './mail-token-use.ts'

/** Confirming that an email address is one's own. */
export interface EmailVerification {
  /** Confirms the address of the account that the link is of. Throws `INVALID_TOKEN` and `RateLimitedError`. */
  verifyEmail(token: string, client: ClientInfo, principal: Principal): Promise<EmailAnswer>
  /**
   * Mails a new link if there is an account with that address that is still to be confirmed; what is done and answered is
   * the same if there is none. Throws `InvalidInputError` for what is no address, and `RateLimitedError`.
   */
  resendEmailVerification(email: string, client: ClientInfo): Promise<EmailAnswer>
}

export function createEmailVerification(parts: AccountParts): EmailVerification {
  const { clock, audit } = parts
  const tokens = createMailTokenUse(parts)

  return {
    verifyEmail: (token, client, by) =>
      tokens.use({ token, purpose: 'EMAIL_VERIFICATION', client }, async (records, { user, email }) => {
        if (user.email !== email) throw invalidToken()
        if (user.emailVerifiedAt === null) await records.accounts.setEmailVerified(user.id, clock.now())
        await audit(records, { event: 'EMAIL_VERIFIED', by, client, subjectId: user.id })
        return { email }
      }),

    resendEmailVerification: (email, client) => askForMail(parts, { kind: 'EMAIL_VERIFICATION', email, client }),
  }
}
