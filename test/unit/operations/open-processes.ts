import { localBus } from '../../../src/adapters/local/local-bus.ts'
import { memoryRateLimiter } from '../../../src/adapters/local/memory-rate-limiter.ts'
import { sqliteStore } from '../../../src/adapters/sql/sqlite-store.ts'
import type { ClusterStatus } from '../../../src/core/cluster.ts'
import type { KnownPrincipal } from '../../../src/core/principal.ts'
import type { RuntimeSettings } from '../../../src/core/runtime-settings.ts'
import type { Bus } from '../../../src/ports/bus.ts'
import type { Store } from '../../../src/ports/store.ts'
import { createAudit } from '../../../src/services/accounts/audit/audit.ts'
import { type ClusterMonitor, createClusterMonitor } from '../../../src/services/operations/cluster-monitor.ts'
import { followRuntimeSettings } from '../../../src/services/operations/follow-runtime-settings.ts'
import {
  createRuntimeSettings,
  runtimeSettingsLimit,
  type RuntimeSettingsService,
} from '../../../src/services/operations/runtime-settings.ts'
import { createHub } from '../../../src/services/streams/hub.ts'
import { publishCommitted } from '../../../src/services/streams/live-events.ts'
import { enterUser, newSession } from '../../contracts/fixtures/account-engines.ts'
import { type CollectingLogger, collectingLogger } from '../../support/collecting-logger.ts'
import { fakeClock } from '../../support/fake-clock.ts'
import { openTestStore } from '../../support/open-test-store.ts'
import { somebody } from '../../support/principals.ts'

/** What one of several processes on a store has of operations. */
export interface TestProcess {
  readonly store: Store
  readonly logger: CollectingLogger
  readonly settings: RuntimeSettingsService
  readonly cluster: ClusterMonitor
  /** Looks the settings up. */
  look(): Promise<void>
  /** What was applied, in order. */
  readonly applied: readonly RuntimeSettings[]
  /** How often the status was collected here. */
  readonly collected: number
  /** Has the line to the others fail or come back, as the process hears of it. */
  changeLine(isLive: boolean): void
}

export interface TestProcesses extends AsyncDisposable {
  readonly clock: ReturnType<typeof fakeClock>
  /** One more, with a connection of its own; `deaf`: what others put on the bus does not come through. */
  start(options?: { readonly deaf?: boolean }): Promise<TestProcess>
  /** Has the supervisor give this, or fail. */
  answer(status: () => Promise<ClusterStatus>): void
  /** Somebody with an account and a session in which they have just shown a factor. */
  newUser(overrides?: Partial<KnownPrincipal>): Promise<KnownPrincipal>
}

/** A status in which nothing is known but when it was. */
export function statusAt(at: number): ClusterStatus {
  return { at, primaryPid: 1, isSupervised: true, startedAt: 0, members: [] }
}

export async function openProcesses(): Promise<TestProcesses> {
  await using opened = new AsyncDisposableStack()
  const clock = fakeClock()
  const { path, ...first } = opened.use(await openTestStore())
  const shared = opened.use(localBus(collectingLogger()))
  let status = async () => statusAt(clock.now())
  const resources = opened.move()

  return {
    clock,
    answer(given) {
      status = given
    },
    async start({ deaf = false } = {}) {
      const store = resources.use(await sqliteStore({ path }))
      const logger = collectingLogger()
      const line = { heard: new Set<(isLive: boolean) => void>() }
      const onChange: Bus['onChange'] = (listener) => {
        line.heard.add(listener)
        return () => line.heard.delete(listener)
      }
      const bus: Bus = { ...(deaf ? resources.use(localBus(logger)) : shared), onChange }
      resources.defer(store.onCommitted(publishCommitted(bus)))
      const hub = resources.use(createHub({ store, bus, logger, clock }))
      const applied: RuntimeSettings[] = []
      const followed = resources.use(
        await followRuntimeSettings({ store, bus, logger, apply: (settings) => void applied.push(settings) }),
      )
      let collected = 0
      const view = {
        status() {
          collected += 1
          return status()
        },
      }
      return {
        store,
        logger,
        applied,
        look: () => followed.look(),
        settings: createRuntimeSettings({
          store,
          bus,
          clock,
          followed,
          audit: createAudit(clock),
          limiter: memoryRateLimiter(runtimeSettingsLimit),
        }),
        cluster: resources.use(createClusterMonitor({ store, hub, clock, logger, view })),
        get collected() {
          return collected
        },
        changeLine: (isLive) => line.heard.forEach((listener) => listener(isLive)),
      }
    },
    async newUser(overrides = {}) {
      const roles = overrides.roles ?? ['user']
      const { id: userId } = await enterUser(first, { roles })
      const session = newSession(userId, { authenticatedAt: clock.now(), expiresAt: clock.now() + 1e12 })
      await first.write(({ accounts }) => accounts.insertSession(session))
      return somebody({ userId, roles, sessionId: session.id, ...overrides })
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
