import type { Clock } from '../../core/clock.ts'
import { formatCursor } from '../../core/cursor.ts'
import { type InputIssue, InvalidInputError } from '../../core/errors.ts'
import { newId } from '../../core/ids.ts'
import type { Principal } from '../../core/principal.ts'
import { blankMs, type EventBody, type Keep } from '../../ports/event-log.ts'
import type { Records, Store } from '../../ports/store.ts'
import { assertOwnerThere } from '../accounts/assert-owner-there.ts'
import { keepFrom } from '../streams/retention.ts'
import { createBeginnings } from './begin-channel.ts'
import type { ChannelEvent, Message } from './channel-event.ts'
import { channelTopic, isChannelName, nameRule } from './channel-name.ts'
import { assertHasScope, assertMayPublish } from './channel-policies.ts'
import type { ChannelTable } from './channel-table.ts'
import { bodyBytes, bodyMistake } from './message-body.ts'
import { keyIssues, once } from './once.ts'
import { messageOverheadBytes, type PublishingLimiters } from './publishing-limits.ts'

export interface NewMessage {
  readonly channel: string
  /** Any JSON. */
  readonly body: unknown
  /** At most 200 characters, none of them a control character. The same key with the same body gives the same message. */
  readonly idempotencyKey: string | null
}

export interface AcceptedMessage {
  readonly message: Message
  /** The place after it in the log of its channel. */
  readonly cursor: string
}

export interface PublishingOptions {
  readonly store: Store
  readonly clock: Clock
  readonly table: ChannelTable
  readonly limiters: PublishingLimiters
  /** The most bytes that a body may have as JSON. */
  readonly maxBytes: number
}

/** The log of a channel on which nothing was published for so long, after all that was on it is forgotten, is removed. */
const idleMs = 2 * blankMs

/** What publishes messages; in the log once it resolves. Throws what `Channels.publish` throws. */
export function createPublishing({ store, clock, table, limiters, maxBytes }: PublishingOptions) {
  const begin = createBeginnings({ store, limiter: limiters.begunByUser })

  return async (principal: Principal, wish: NewMessage): Promise<AcceptedMessage> => {
    const sender = assertHasScope(principal, 'channels:publish')
    const { userId } = sender
    await limiters.byUser.consume(userId)
    const { channel, body, idempotencyKey: key } = wish
    assertGood(wish, maxBytes)
    const row = assertMayPublish(table, sender, channel)
    await limiters.byChannel.consume(channel)
    await limiters.bytesByUser.consume(userId, bodyBytes(body) + messageOverheadBytes)
    const write = () =>
      store.write(async (records) => {
        await assertOwnerThere(records, userId)
        const now = clock.now()
        const { cursor, ...known } = await once(
          records,
          { userId, topic: channelTopic(channel), key, input: body, now },
          async () => {
            const message: Message = { id: newId('message'), channel, senderId: userId, sentAt: now, body }
            return { id: message.id, sentAt: now, cursor: await append(records, message, keepFrom(now, row.keep)) }
          },
        )
        return { message: { ...known, channel, senderId: userId, body }, cursor }
      })
    return begin(userId, channel, write)
  }
}

async function append({ log }: Records, message: Message, keep: Keep): Promise<string> {
  const topic = channelTopic(message.channel)
  await log.ensure(topic, keep.until + idleMs)
  const event = { type: 'MessagePublished', message } satisfies ChannelEvent
  // `readLast` finds the type at the beginning.
  const body: EventBody = event
  return formatCursor(await log.append(topic, body, { keep }))
}

/** Throws an `InvalidInputError` that lists everything that is wrong. */
function assertGood({ channel, body, idempotencyKey }: NewMessage, maxBytes: number): void {
  const issues: InputIssue[] = []
  if (!isChannelName(channel)) issues.push({ path: ['channel'], message: nameRule })
  const mistake = bodyMistake(body, maxBytes)
  if (mistake !== null) issues.push({ path: ['body'], message: mistake })
  issues.push(...keyIssues(idempotencyKey))
  if (issues.length > 0) throw new InvalidInputError(issues)
}
