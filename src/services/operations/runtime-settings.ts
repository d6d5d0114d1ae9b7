import type { Clock } from '../../core/clock.ts'
import { InvalidInputError } from '../../core/errors.ts'
import type { LogLevel } from '../../core/job.ts'
import type { Principal } from '../../core/principal.ts'
import type { Maintenance, RuntimeSettings } from '../../core/runtime-settings.ts'
import type { Bus } from '../../ports/bus.ts'
import type { RateLimit, RateLimiter } from '../../ports/rate-limiter.ts'
import type { Records, Store } from '../../ports/store.ts'
import { assertAdministrator, assertMayAdminister, assertMayChange } from '../accounts/administration/administrator.ts'
import type { Audit, AuditFacts } from '../accounts/audit/audit.ts'
import type { ClientInfo } from '../accounts/client-info.ts'
import { sessionOf } from '../accounts/session-of.ts'
import { type FollowedSettings, runtimeSettingsChannel } from './follow-runtime-settings.ts'
import { changeRuntimeSettings, readRuntimeSettings } from './runtime-settings-record.ts'

/**
 * What administrators set while the server runs. Reading asks for the scope `admin`; changing asks for an administrator in a
 * session who has shown their factors within five minutes. All throw `UNAUTHENTICATED`, `SESSION_REVOKED`,
 * `INSUFFICIENT_SCOPE`; changing `FORBIDDEN` for API keys, `STEP_UP_REQUIRED` and `RateLimitedError`. A change holds in
 * this process when it resolves, and in all others a moment later.
 */
export interface RuntimeSettingsService {
  read(principal: Principal): Promise<RuntimeSettings>
  /** `null`: what `LOG_LEVEL` says. */
  setLogLevel(by: Principal, level: LogLevel | null, client: ClientInfo): Promise<RuntimeSettings>
  /** Throws an `InvalidInputError` for a message that cannot be told. */
  setMaintenance(by: Principal, wish: MaintenanceWish, client: ClientInfo): Promise<RuntimeSettings>
  /** Whether there is maintenance, as this process knows it; for everybody. */
  maintenance(): Maintenance | null
}

export interface MaintenanceWish {
  readonly on: boolean
  /** `null`: a message of ours, or the one that is told already. Looked at, and otherwise left alone, where it ends. */
  readonly message: string | null
}

export interface RuntimeSettingsOptions {
  readonly store: Store
  readonly bus: Pick<Bus, 'publish'>
  readonly clock: Clock
  readonly audit: Audit
  /** Of one user's changes. */
  readonly limiter: RateLimiter
  readonly followed: FollowedSettings
}

/** How often one user may change the settings. */
export const runtimeSettingsLimit: RateLimit = { attempts: 60, seconds: 60 }

const usualMessage = 'The server is being maintained: nothing can be changed for now.'
const maxMessage = 500
/** Control characters but for line breaks, broken Unicode, and what turns the direction of the text around it. */
const forbidden = /[^\P{Cc}\n]|[\p{Cs}\u202a-\u202e\u2066-\u2069]/u

type Change = (before: RuntimeSettings, now: number) => RuntimeSettings
type ChangeEvent = Pick<AuditFacts, 'event' | 'details'>

export function createRuntimeSettings(options: RuntimeSettingsOptions): RuntimeSettingsService {
  const { store, bus, clock, audit, limiter, followed } = options

  async function change(by: Principal, client: ClientInfo, make: Change, facts: ChangeEvent): Promise<RuntimeSettings> {
    const { userId } = sessionOf(by)
    assertMayChange(by)
    await limiter.consume(userId)
    const changed = await store.write(async (records: Records) => {
      const now = clock.now()
      await assertAdministrator(records, by, now)
      const outcome = await changeRuntimeSettings(records, (before) => make(before, now))
      if (outcome.isChanged) await audit(records, { ...facts, by, client, subjectId: null })
      return outcome
    })
    await followed.look()
    if (changed.isChanged) bus.publish(runtimeSettingsChannel, {})
    return changed.settings
  }

  return {
    async read(principal) {
      assertMayAdminister(principal)
      return store.read(readRuntimeSettings)
    },

    setLogLevel: (by, level, client) =>
      change(by, client, (before) => ({ ...before, logLevel: level }), {
        event: 'LOG_LEVEL_SET',
        details: { level },
      }),

    async setMaintenance(by, { on, message: given }, client) {
      const { userId } = sessionOf(by)
      const make: Change = ({ maintenance: before, ...rest }, now) => {
        const message = given === null ? (before?.message ?? usualMessage) : readMessage(given)
        const began = before ?? { since: now, by: userId }
        return { ...rest, maintenance: on ? { ...began, message } : null }
      }
      return change(by, client, make, { event: on ? 'MAINTENANCE_BEGUN' : 'MAINTENANCE_ENDED' })
    },

    maintenance: () => followed.current.maintenance,
  }
}

function readMessage(given: string): string {
  const message = given.trim()
  const isText = message !== '' && message.length <= maxMessage && !forbidden.test(message)
  if (isText) return message
  const sentence = `Must have 1 to ${maxMessage} characters; line breaks are the only control characters allowed.`
  throw new InvalidInputError([{ path: ['message'], message: sentence }])
}
