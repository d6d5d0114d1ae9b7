import { createSealer } from '../../../src/core/sealer.ts'
import type { Mail } from '../../../src/ports/mailer.ts'
import { createAudit } from '../../../src/services/accounts/audit/audit.ts'
import { answerMailRequest } from '../../../src/services/accounts/emails/answer-mail-request.ts'
import { createMailQueue } from '../../../src/services/accounts/mail/queue-mail.ts'
import { sendMails } from '../../../src/services/accounts/mail/send-mails.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { eventually } from '../../support/eventually.ts'
import { type AccountsUnderTest, testPolicy } from './open-accounts.ts'

export interface Mailbox extends AsyncDisposable {
  /** Has everything sent that waits; what has come since the last call, oldest first. */
  collect(): Promise<readonly Mail[]>
}

/** Where the mails of the accounts arrive, by the real sender. */
export function openMailbox({ store, clock }: Pick<AccountsUnderTest, 'store' | 'clock'>): Mailbox {
  const logger = collectingLogger()
  const sealer = createSealer(['s'.repeat(32)])
  const { mail } = createMailQueue({ sealer, clock, logger })
  const audit = createAudit(clock)
  let arrived: Mail[] = []
  const sender = sendMails({
    store,
    clock,
    logger,
    sealer,
    appUrl: testPolicy.appUrl,
    answer: (records, request) => answerMailRequest({ clock, mail, audit }, records, request),
    mailer: {
      async send(sent) {
        arrived.push(sent)
      },
      async [Symbol.asyncDispose]() {},
    },
  })
  return {
    async collect() {
      sender.wake()
      await eventually(async () => (await store.read(({ mails }) => mails.count())) === 0)
      const collected = arrived
      arrived = []
      return collected
    },
    [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
  }
}

/** The token of the link to that page in a mail. Throws when there is none. */
export function tokenIn(mail: Mail | undefined, page: string): string {
  const token = new RegExp(`^https://app\\.example\\.com/#/${page}\\?token=(\\S+)$`, 'm').exec(mail?.text ?? '')?.[1]
  if (token === undefined) throw new Error(`There is no link to ${page} in "${mail?.subject ?? 'no mail'}".`)
  return token
}
