import { backoffMs } from '../../../core/backoff.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Sealer } from '../../../core/sealer.ts'
import type { WaitingMail } from '../../../ports/accounts/mail-outbox.ts'
import type { Logger } from '../../../ports/logger.ts'
import type { Mailer } from '../../../ports/mailer.ts'
import type { Records, Store } from '../../../ports/store.ts'
import { mailContext, type MailRequest, type QueuedMail } from './queue-mail.ts'
import { renderNotice } from './render-notice.ts'

export interface MailSenderOptions {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly sealer: Sealer
  /** Is closed with the sender. */
  readonly mailer: Mailer
  /** Where links in mails lead to, without a slash at the end. */
  readonly appUrl: () => string
  /** Enters the mail that was asked for, if there is anybody to get it. */
  readonly answer: (records: Records, request: MailRequest) => Promise<void>
  /** How many ms lie between two looks at what waits, while nobody wakes it. */
  readonly pollMs?: number
  /** How long mails that are being sent may still take when the sender is closed, in ms; they are sent again later. */
  readonly graceMs?: number
}

/** Sends what waits, in the background, until it is disposed of. */
export interface MailSender extends AsyncDisposable {
  /** There is something to send. Costs nothing; may be called within a transaction. */
  wake(): void
}

/** How many are sent at once. */
const batchSize = 5

/** Longer than a mailer takes to give up: what was claimed for so long was lost with its process. */
const leaseMs = 2 * 60_000

/** A mail that no server took within that time is dropped. */
const giveUpMs = 24 * 60 * 60_000

const retry = { baseMs: 20_000, capMs: 2 * 60 * 60_000 }

/** Each mail is sent at least once: a process that dies between sending it and noting so leaves it to the next one. */
export function sendMails(options: MailSenderOptions): MailSender {
  const { store, clock, logger, mailer, pollMs = 5000, graceMs = 5000 } = options
  const stopping = new AbortController()
  let calls = 0
  let resume = () => {}

  /** Waits for a call, or for the next look. */
  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pollMs)
      resume = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** `null` when the store cannot be asked. */
  async function claim(): Promise<readonly WaitingMail[] | null> {
    try {
      const now = clock.now()
      return await store.write(({ mails }) => mails.claim(now, now + leaseMs, batchSize))
    } catch (error) {
      logger.warn({ error: String(error) }, 'Mails that wait could not be looked up; it is tried again.')
      return null
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const seen = calls
      const claimed = await claim()
      await Promise.all((claimed ?? []).map((waiting) => deliver(options, waiting)))
      // What was entered during the look may have come too late for it; after a failure there is always a pause.
      const isNews = claimed !== null && (claimed.length > 0 || calls !== seen)
      if (!isNews && !stopping.signal.aborted) await pause()
    }
  }

  const running = run()
  return {
    wake() {
      calls += 1
      resume()
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      resume()
      const grace = setTimeout(() => void mailer[Symbol.asyncDispose](), graceMs)
      await running
      clearTimeout(grace)
      await mailer[Symbol.asyncDispose]()
    },
  }
}

/** Sends a claimed mail, or answers a claimed request with one. Never rejects: what fails is tried again. */
async function deliver(options: MailSenderOptions, waiting: WaitingMail): Promise<void> {
  const { store, sealer, mailer, appUrl, answer } = options
  const { id, sealed } = waiting
  try {
    // What we sealed ourselves.
    const queued = JSON.parse(sealer.open(sealed, mailContext(id))) as QueuedMail
    if (queued.kind === 'NOTICE') await mailer.send({ to: queued.to, ...renderNotice(queued.notice, appUrl()) })
    await store.write(async (records) => {
      await records.mails.remove(id)
      if (queued.kind === 'REQUEST') await answer(records, queued.request)
    })
  } catch (error) {
    await putOff(options, waiting, error)
  }
}

/** Whoever reads the log learns which mail it is and why it failed, and nothing of what it says. */
async function putOff(
  { store, clock, logger }: MailSenderOptions,
  { id, attempts, createdAt }: WaitingMail,
  reason: unknown,
): Promise<void> {
  const facts = { mail: id, attempts, error: describe(reason) }
  const sendAt = clock.now() + backoffMs(attempts, retry)
  const isHopeless = sendAt > createdAt + giveUpMs
  try {
    await store.write(({ mails }) => (isHopeless ? mails.remove(id) : mails.putOff(id, sendAt)))
    if (isHopeless) logger.error(facts, 'A mail was dropped: no server took it within a day.')
    else logger.warn(facts, 'A mail could not be sent; it is tried again.')
  } catch (error) {
    logger.warn({ ...facts, error: String(error) }, 'A mail that could not be sent will be tried again.')
  }
}

/** A server may answer with a part of the mail that it did not take: what could be a token of it is left out. */
function describe(reason: unknown): string {
  const message = reason instanceof Error ? reason.message : String(reason)
  return message.slice(0, 500).replaceAll(/[A-Za-z0-9_-]{40,}/g, '…')
}
