import type { Clock } from '../../core/clock.ts'
import { type InputIssue, InvalidInputError } from '../../core/errors.ts'
import type { Principal } from '../../core/principal.ts'
import type { Records } from '../../ports/store.ts'
import type { Retention } from '../streams/retention.ts'
import type { Hub, ResumeRequest, TopicStream } from '../streams/stream.ts'
import { type ChannelEvent, type Message, readMessage } from './channel-event.ts'
import { channelTopic, isChannelName, nameRule } from './channel-name.ts'
import { assertMayListen } from './channel-policies.ts'
import type { ChannelTable } from './channel-table.ts'

export interface ChannelWish {
  readonly name: string
  /** How many of the newest messages the stream opens with. */
  readonly last: number
  readonly resume: ResumeRequest | null
}

export interface ListeningOptions {
  readonly hub: Pick<Hub, 'open'>
  readonly clock: Clock
  readonly table: ChannelTable
}

const maxLast = 100

/** The most bytes of messages, with what is around them, that a stream opens with. */
const maxSnapshotBytes = 256 * 1024

/** What listens to channels. Throws what `Channels.watch` throws. */
export function createListening({ hub, clock, table }: ListeningOptions) {
  return async (principal: Principal, { name, last, resume }: ChannelWish): Promise<TopicStream> => {
    const issues: InputIssue[] = []
    if (!isChannelName(name)) issues.push({ path: ['name'], message: nameRule })
    if (!Number.isInteger(last) || last < 0 || last > maxLast) {
      issues.push({ path: ['last'], message: `Must be a whole number from 0 to ${maxLast}.` })
    }
    if (issues.length > 0) throw new InvalidInputError(issues)
    const { keep } = assertMayListen(table, principal, name)
    return hub.open({
      topic: channelTopic(name),
      resume,
      async snapshot(records) {
        const at = clock.now()
        const messages = last === 0 ? [] : await readNewest(records, name, { last, keep, now: at })
        const event: ChannelEvent = { type: 'ChannelSnapshot', channel: name, at, messages }
        return { ...event }
      },
    })
  }
}

interface Newest {
  readonly last: number
  readonly keep: Retention
  readonly now: number
}

/** Oldest of them first. What is past keeping may still be in the log, and is left out. */
async function readNewest({ log }: Records, name: string, { last, keep, now }: Newest): Promise<readonly Message[]> {
  const bounds = { limit: last, maxBytes: maxSnapshotBytes, among: keep.events }
  const events = await log.readLast(channelTopic(name), 'MessagePublished', bounds)
  return events.map(({ body }) => readMessage(body)).filter(({ sentAt }) => sentAt > now - keep.ms)
}
