import { join } from 'node:path'
import { outboxMailer } from '../adapters/mail/outbox-mailer.ts'
import { smtpMailer } from '../adapters/mail/smtp-mailer.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../core/clock.ts'
import type { Sealer } from '../core/sealer.ts'
import type { Logger } from '../ports/logger.ts'
import type { Meter } from '../ports/meter.ts'
import type { Store } from '../ports/store.ts'
import { createAudit } from '../services/accounts/audit/audit.ts'
import { answerMailRequest } from '../services/accounts/emails/answer-mail-request.ts'
import { createMailQueue } from '../services/accounts/mail/queue-mail.ts'
import { type MailSender, sendMails } from '../services/accounts/mail/send-mails.ts'

export interface MailFoundation {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly sealer: Sealer
  /** The folder in which the outbox is, where there is no mail server. */
  readonly dataFolder: string
  readonly publicUrl: () => string
  readonly figures: Meter
}

/** Begins to send the mails that wait: to the mail server of the settings, or into the outbox folder where there is none. */
export function openMailSender(config: Config, foundation: MailFoundation): MailSender {
  const { store, clock, logger, sealer, publicUrl } = foundation
  const from = () => config.mailFrom ?? `Millrace <millrace@${new URL(publicUrl()).hostname}>`
  const folder = join(foundation.dataFolder, 'outbox')
  if (config.smtpUrl === null && config.production) {
    logger.warn({ folder }, 'SMTP_URL is not set: mails are put into a folder and reach nobody.')
  }
  const mailer =
    config.smtpUrl === null ? outboxMailer({ folder, from, clock, logger }) : smtpMailer({ url: config.smtpUrl, from })
  // What answers a request enters a mail: the look after it finds that.
  const { mail } = createMailQueue({ sealer, clock, logger })
  const audit = createAudit(clock, foundation.figures)
  return sendMails({
    store,
    clock,
    logger,
    sealer,
    mailer,
    appUrl: () => config.appUrl ?? publicUrl(),
    answer: (records, request) => answerMailRequest({ clock, mail, audit }, records, request),
  })
}
