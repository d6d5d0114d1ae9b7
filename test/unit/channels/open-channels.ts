import { localBus } from '../../../src/adapters/local/local-bus.ts'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import type { ChannelsConfig } from '../../../src/settings/channel-settings.ts'
import { readConfig } from '../../../src/config.ts'
import type { KnownPrincipal } from '../../../src/core/principal.ts'
import { createAudit } from '../../../src/services/accounts/audit/audit.ts'
import { type Channels, createChannels } from '../../../src/services/channels/channels.ts'
import { createNoticeBoard, type NoticeBoard } from '../../../src/services/channels/notices.ts'
import { publishingLimits } from '../../../src/services/channels/publishing-limits.ts'
import { createChannelsSweep } from '../../../src/services/channels/sweep-channels.ts'
import { createHub } from '../../../src/services/streams/hub.ts'
import { publishCommitted } from '../../../src/services/streams/live-events.ts'
import type { StreamItem, TopicStream } from '../../../src/services/streams/stream.ts'
import { enterUser, newSession } from '../../contracts/fixtures/account-engines.ts'
import { collectingLogger } from '../../support/collecting-logger.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestStore, type TestStore } from '../../support/open-test-store.ts'
import { somebody } from '../../support/principals.ts'

/** Channels and notices over a real store, with a clock that stands still. */
export interface TestChannels extends AsyncDisposable {
  readonly store: TestStore
  readonly clock: ReturnType<typeof fakeClock>
  readonly channels: Channels
  readonly notices: NoticeBoard
  sweep(): Promise<void>
  /** Somebody with an account and a session in which they have just shown a factor. */
  newUser(overrides?: Partial<KnownPrincipal>): Promise<KnownPrincipal>
}

export interface TestChannelsOptions extends Partial<Omit<ChannelsConfig, 'table'>> {
  /** As the setting `CHANNELS` has it. */
  readonly table?: string
}

export async function openTestChannels({ table, ...changes }: TestChannelsOptions = {}): Promise<TestChannels> {
  await using opened = new AsyncDisposableStack()
  const config = { ...readConfig(table === undefined ? {} : { CHANNELS: table }).channels, ...changes }
  const store = opened.use(await openTestStore())
  const clock = fakeClock()
  const logger = collectingLogger()
  const bus = opened.use(localBus(logger))
  store.onCommitted(publishCommitted(bus))
  const hub = opened.use(createHub({ store, bus, logger, clock }))
  const limits = publishingLimits(config)
  const limiters = {
    byUser: memoryRateLimiter(limits.byUser),
    byChannel: memoryRateLimiter(limits.byChannel),
    bytesByUser: memoryRateLimiter(limits.bytesByUser),
    begunByUser: memoryRateLimiter(limits.begunByUser),
  }
  const resources = opened.move()
  return {
    store,
    clock,
    channels: createChannels({ store, hub, clock, limiters, ...config }),
    notices: createNoticeBoard({ store, hub, clock, limiters, audit: createAudit(clock) }),
    sweep: createChannelsSweep({ store, clock }),
    async newUser(overrides = {}) {
      const roles = overrides.roles ?? ['user']
      const { id: userId } = await enterUser(store, { roles })
      const session = newSession(userId, { authenticatedAt: clock.now(), expiresAt: clock.now() + 1e12 })
      await store.write(({ accounts }) => accounts.insertSession(session))
      return somebody({ userId, roles, sessionId: session.id, ...overrides })
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** The next so many items of a stream, which is then closed. */
export async function takeItems(stream: TopicStream, count: number): Promise<readonly StreamItem[]> {
  const items: StreamItem[] = []
  while (items.length < count) {
    const { done, value } = await stream.next()
    if (done === true) break
    items.push(value)
  }
  await stream.return()
  return items
}
