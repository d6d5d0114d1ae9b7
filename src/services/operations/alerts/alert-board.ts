import type { Clock } from '../../../core/clock.ts'
import { type Page, type PageRequest, readPageRequest, toPage } from '../../../core/page.ts'
import type { Principal } from '../../../core/principal.ts'
import type { Store } from '../../../ports/store.ts'
import { assertMayAdminister } from '../../accounts/administration/administrator.ts'
import type { Hub, ResumeRequest, TopicStream } from '../../streams/stream.ts'
import { type AlertEvent, alertsTopic, type ShownAlert } from './alert-event.ts'
import { amongForActive, amongForList, readAlerts } from './read-alerts.ts'

/**
 * Tells administrators what was amiss lately in the processes that serve together. Both throw `UNAUTHENTICATED`, `SESSION_REVOKED`
 * and `INSUFFICIENT_SCOPE`.
 */
export interface AlertBoard {
  /** The newest first, as far as the newest 2,000 events of the topic tell. Throws an `InvalidInputError`. */
  list(principal: Principal, wish: AlertsWish): Promise<Page<ShownAlert>>
  /** The topic `alerts`; item bodies are `AlertEvent`. Throws what a cursor is refused with, too. */
  watch(principal: Principal, resume: ResumeRequest | null): Promise<TopicStream>
}

export interface AlertsWish extends PageRequest {
  /** Whether those are wanted that last, or those that are over; `null`: both. */
  readonly active: boolean | null
}

export interface AlertBoardOptions {
  readonly store: Pick<Store, 'read'>
  readonly hub: Pick<Hub, 'open'>
  readonly clock: Clock
}

export function createAlertBoard({ store, hub, clock }: AlertBoardOptions): AlertBoard {
  return {
    async list(principal, { active, ...page }) {
      assertMayAdminister(principal)
      const { first, afterId } = readPageRequest(page, 'alert')
      const all = await readAlerts((work) => store.read(({ log }) => work(log)), amongForList, clock.now())
      const wanted = all.filter(({ isActive }) => active === null || isActive === active)
      return toPage(afterId === null ? wanted : wanted.filter(({ id }) => id < afterId), first)
    },

    async watch(principal, resume) {
      assertMayAdminister(principal)
      return hub.open({
        topic: alertsTopic,
        resume,
        async snapshot({ log }) {
          const at = clock.now()
          const all = await readAlerts((work) => work(log), amongForActive, at)
          const event: AlertEvent = { type: 'AlertsSnapshot', at, active: all.filter(({ isActive }) => isActive) }
          return { ...event }
        },
      })
    },
  }
}
