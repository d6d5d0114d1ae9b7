import type { Clock } from '../../../core/clock.ts'
import { newId } from '../../../core/ids.ts'
import type { Sealer } from '../../../core/sealer.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { Records } from '../../../ports/store.ts'
import type { ClientInfo } from '../client-info.ts'
import type { Notice } from './notices.ts'

/** Enters a mail in the transaction of what it tells of; it is sent afterwards. */
export type QueueMail = (records: Records, to: string, notice: Notice) => Promise<void>

/**
 * A mail with a link that somebody unknown asks for. Whether there is an account with that address is found out afterwards,
 * when nobody waits for the answer: so it takes the same time, and does the same, where there is none (ASVS 6.3.8).
 */
export interface MailRequest {
  readonly kind: 'EMAIL_VERIFICATION' | 'PASSWORD_RESET'
  /** What makes the address unique. */
  readonly emailKey: string
  readonly client: ClientInfo
}

/** Enters a request in the caller's transaction. */
export type QueueMailRequest = (records: Records, request: MailRequest) => Promise<void>

/** What waits, as it is sealed. */
export type QueuedMail =
  | { readonly kind: 'NOTICE'; readonly to: string; readonly notice: Notice }
  | { readonly kind: 'REQUEST'; readonly request: MailRequest }

/** The context that a waiting mail is sealed with. */
export function mailContext(id: string): string {
  return `mails.sealed ${id}`
}

/** How many mails may wait. Where no server takes any, further ones are dropped: what they tell of must not fail with them. */
const maxWaitingMails = 100_000

export interface MailQueueOptions {
  readonly sealer: Sealer
  readonly clock: Clock
  readonly logger: Logger
  /** Called when there is something to send, or will be after the commit. */
  readonly wake?: (() => void) | undefined
  readonly maxWaiting?: number
}

/** The two ways in which mails come about. */
export interface MailQueue {
  readonly mail: QueueMail
  readonly requestMail: QueueMailRequest
}

export function createMailQueue(options: MailQueueOptions): MailQueue {
  const { sealer, clock, logger, wake, maxWaiting = maxWaitingMails } = options

  async function enter({ mails }: Records, queued: QueuedMail): Promise<void> {
    if ((await mails.count()) >= maxWaiting) {
      logger.error({ waiting: maxWaiting }, 'A mail was dropped: too many wait already. Are mails sent at all?')
      return
    }
    const id = newId('mail')
    const now = clock.now()
    const sealed = sealer.seal(JSON.stringify(queued), mailContext(id))
    await mails.insert({ id, sealed, createdAt: now, sendAt: now, attempts: 0 })
    wake?.()
  }

  return {
    mail: (records, to, notice) => enter(records, { kind: 'NOTICE', to, notice }),
    requestMail: (records, request) => enter(records, { kind: 'REQUEST', request }),
  }
}
