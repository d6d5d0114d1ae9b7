import type { Clock } from '../../core/clock.ts'
import { NotFoundError, QuotaExceededError } from '../../core/errors.ts'
import { isId, newId } from '../../core/ids.ts'
import type { Principal } from '../../core/principal.ts'
import type { Notice } from '../../ports/notices.ts'
import type { Records, Store } from '../../ports/store.ts'
import { assertAdministrator, assertMayChange } from '../accounts/administration/administrator.ts'
import type { Audit } from '../accounts/audit/audit.ts'
import type { ClientInfo } from '../accounts/client-info.ts'
import { sessionOf } from '../accounts/session-of.ts'
import { keepFrom, retention } from '../streams/retention.ts'
import type { Hub, ResumeRequest, TopicStream } from '../streams/stream.ts'
import { assertHasScope } from './channel-policies.ts'
import { type NoticeEvent, noticesTopic } from './notice-event.ts'
import { once } from './once.ts'
import type { PublishingLimiters } from './publishing-limits.ts'
import { type NewNotice, readNewNotice } from './read-new-notice.ts'

/**
 * What administrators tell everybody who is signed in. Reading asks for the scope `channels:read`. Changing asks for an
 * administrator in a session who has shown their factors within five minutes.
 * All throw `UNAUTHENTICATED`, `SESSION_REVOKED`, `INSUFFICIENT_SCOPE`; reading `MFA_ENROLMENT_REQUIRED`, too; changing
 * `FORBIDDEN` for API keys, `STEP_UP_REQUIRED` and `RateLimitedError`.
 */
export interface NoticeBoard {
  /** Throws `InvalidInputError`, `IDEMPOTENCY_CONFLICT`, and `QuotaExceededError` when as many are in force as may be. */
  publish(by: Principal, notice: NewNotice, client: ClientInfo): Promise<Notice>
  /** Throws `NotFoundError` for a notice that is not in force. */
  withdraw(by: Principal, id: string, client: ClientInfo): Promise<void>
  /** Newest first. */
  inForce(principal: Principal): Promise<readonly Notice[]>
  /** The topic `notices`; item bodies are `NoticeEvent`. Throws what a cursor is refused with, too. */
  watch(principal: Principal, resume: ResumeRequest | null): Promise<TopicStream>
}

export interface NoticeBoardOptions {
  readonly store: Store
  readonly hub: Pick<Hub, 'open'>
  readonly clock: Clock
  readonly audit: Audit
  readonly limiters: Pick<PublishingLimiters, 'byUser'>
}

/** How many there may be in force. */
const maxInForce = 100

export function createNoticeBoard(options: NoticeBoardOptions): NoticeBoard {
  return { ...changing(options), ...reading(options) }
}

function changing({ store, clock, audit, limiters }: NoticeBoardOptions): Pick<NoticeBoard, 'publish' | 'withdraw'> {
  return {
    async publish(by, wish, client) {
      const { userId } = sessionOf(by)
      assertMayChange(by)
      await limiters.byUser.consume(userId)
      return store.write(async (records) => {
        const now = clock.now()
        await assertAdministrator(records, by, now)
        const { severity, until: wished, idempotencyKey: key } = wish
        const { text, until } = readNewNotice(wish, now)
        const input = { text, severity, until: wished }
        return once(records, { userId, topic: noticesTopic, key, input, now }, async () => {
          await assertRoom(records, now)
          const notice: Notice = { id: newId('notice'), text, severity, publishedAt: now, until }
          await records.notices.insert(notice)
          await tell(records, { type: 'NoticePublished', at: now, notice })
          const details = { noticeId: notice.id, severity }
          await audit(records, { event: 'NOTICE_PUBLISHED', by, client, subjectId: null, details })
          return notice
        })
      })
    },

    async withdraw(by, id, client) {
      const { userId } = sessionOf(by)
      assertMayChange(by)
      await limiters.byUser.consume(userId)
      await store.write(async (records) => {
        const now = clock.now()
        await assertAdministrator(records, by, now)
        const isWithdrawn = isId('notice', id) && (await records.notices.withdraw(id, now))
        if (!isWithdrawn) throw new NotFoundError('notice')
        await tell(records, { type: 'NoticeWithdrawn', at: now, noticeId: id })
        const details = { noticeId: id }
        await audit(records, { event: 'NOTICE_WITHDRAWN', by, client, subjectId: null, details })
      })
    },
  }
}

function reading({ store, hub, clock }: NoticeBoardOptions): Pick<NoticeBoard, 'inForce' | 'watch'> {
  return {
    async inForce(principal) {
      assertHasScope(principal, 'channels:read')
      return store.read(({ notices }) => notices.inForce(clock.now(), maxInForce))
    },

    async watch(principal, resume) {
      assertHasScope(principal, 'channels:read')
      return hub.open({
        topic: noticesTopic,
        resume,
        async snapshot({ notices }) {
          const at = clock.now()
          const event: NoticeEvent = { type: 'NoticesSnapshot', at, notices: await notices.inForce(at, maxInForce) }
          return { ...event }
        },
      })
    },
  }
}

async function assertRoom({ notices }: Records, now: number): Promise<void> {
  if ((await notices.inForce(now, maxInForce)).length < maxInForce) return
  const message = `There are ${maxInForce} notices in force, as many as are allowed: withdraw some.`
  throw new QuotaExceededError('notices', maxInForce, message)
}

async function tell({ log }: Records, event: NoticeEvent & { readonly at: number }): Promise<void> {
  await log.append(noticesTopic, { ...event }, { keep: keepFrom(event.at, retention.notices) })
}
