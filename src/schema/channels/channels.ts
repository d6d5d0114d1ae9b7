import type { Builder } from '../builder.ts'
import type { Refusals } from '../refusals.ts'
import { addChannelEvents } from './channel-event.ts'
import { addMessage } from './message.ts'
import { addNotice } from './notice.ts'
import { addNoticeMutations } from './notice-mutations.ts'
import { addNoticeReading } from './notice-event.ts'
import { addPublishMessage } from './publish-message.ts'

/** Channels, and the notices of administrators. */
export function addChannels(builder: Builder, refusals: Refusals): void {
  const message = addMessage(builder)
  addChannelEvents(builder, message)
  addPublishMessage(builder, refusals, message)
  const notice = addNotice(builder)
  addNoticeReading(builder, notice)
  addNoticeMutations(builder, refusals, notice)
}
