import type { ChannelListeners } from '../../core/channel-listeners.ts'
import type { Logger } from '../../ports/logger.ts'
import type { BusMessage } from './bus-lane.ts'

/** Has a message of another process heard here; what is no JSON is passed over. */
export function hearFromOutside(listeners: ChannelListeners, [channel, text]: BusMessage, logger: Logger): void {
  try {
    listeners.hear(channel, text)
  } catch (error) {
    logger.warn({ channel, error: String(error) }, 'Another process put on the bus what is no JSON.')
  }
}
