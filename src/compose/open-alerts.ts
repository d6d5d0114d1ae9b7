import type { DiskSpace } from '../adapters/local/disk-space.ts'
import { webhookAlertSender } from '../adapters/webhook/webhook-alert-sender.ts'
import type { Config } from '../config.ts'
import { type Clock, systemClock } from '../core/clock.ts'
import type { MemberChanged, ProcessLoad } from '../core/cluster.ts'
import type { Alarms } from '../ports/alarms.ts'
import type { Logger } from '../ports/logger.ts'
import type { Members } from '../ports/members.ts'
import type { Figures } from '../ports/meter.ts'
import type { Store } from '../ports/store.ts'
import type { Services } from '../resolvers/context.ts'
import { createAlertBoard } from '../services/operations/alerts/alert-board.ts'
import { countAlerts, readRaised } from '../services/operations/alerts/count-alerts.ts'
import { createAlarms } from '../services/operations/alerts/create-alarms.ts'
import { logAlerts } from '../services/operations/alerts/log-alerts.ts'
import { recordAlerts } from '../services/operations/alerts/record-alerts.ts'
import { sendAlerts } from '../services/operations/alerts/send-alerts.ts'
import { watchDisk } from '../services/operations/alerts/watch-disk.ts'
import { watchLoad } from '../services/operations/alerts/watch-load.ts'
import { watchMembers } from '../services/operations/alerts/watch-members.ts'
import type { Hub } from '../services/streams/stream.ts'

export interface AlertsFoundation {
  readonly store: Pick<Store, 'write'>
  readonly clock: Clock
  readonly logger: Logger
  /** The place of the process that raises them, and its node; `null` where it runs no jobs. */
  readonly members: Pick<Members, 'number'>
  readonly nodeId: string | null
  readonly figures: Pick<Figures, 'count' | 'addSource'>
  /** Where the server is reached. */
  readonly publicUrl: () => string
}

/** The alarms of a process. Disposing of it clears what is raised, and waits two seconds at most until that is told. */
export interface OpenAlerts extends AsyncDisposable {
  readonly alarms: Alarms
}

/** Has the alerts of this process be told to the log, the figures, the record and, where there is one, the webhook. */
export function openAlerts({ operations }: Pick<Config, 'operations'>, foundation: AlertsFoundation): OpenAlerts {
  const { store, clock, logger, members, nodeId, figures, publicUrl } = foundation
  const url = operations.alertWebhookUrl
  const recorder = recordAlerts({ store, logger })
  const delivery = url === null ? null : sendAlerts({ sender: webhookAlertSender({ url }), logger, source: publicUrl })
  const listeners = [logAlerts(logger), countAlerts(figures), recorder.hear, ...(delivery ? [delivery.hear] : [])]
  const alarms = createAlarms({ clock, origin: { member: members.number, nodeId }, listeners })
  const stopReading = figures.addSource(() => readRaised(alarms))
  return {
    alarms,
    async [Symbol.asyncDispose]() {
      stopReading()
      alarms.stop()
      await Promise.all([recorder.close(), delivery?.close()])
    },
  }
}

export interface WatchFoundation {
  readonly store: Pick<Store, 'read'>
  readonly hub: Pick<Hub, 'open'>
  readonly clock: Clock
  readonly logger: Logger
  readonly alarms: Alarms
  readonly disk: DiskSpace
  /** Whether this process looks for all who share its data folder. */
  readonly isFirst: boolean
  readonly load: () => ProcessLoad
}

export interface AlertWatch extends Disposable {
  readonly services: Pick<Services, 'alerts'>
}

/** Raises what a process can see by looking at itself and at the disk, and shows administrators all alerts. */
export function watchForAlerts(
  { operations }: Pick<Config, 'operations'>,
  { store, hub, clock, logger, alarms, disk, isFirst, load }: WatchFoundation,
): AlertWatch {
  const stopLoad = watchLoad({ alarms, clock, load })
  const { freeBytes } = disk
  const stopDisk = isFirst ? watchDisk({ alarms, logger, freeBytes, leastBytes: operations.diskFreeBytes }) : null
  return {
    services: { alerts: createAlertBoard({ store, hub, clock }) },
    [Symbol.dispose]() {
      stopLoad()
      stopDisk?.()
    },
  }
}

/** The alarms of a primary, which raises what befalls its members besides. */
export interface PrimaryAlerts extends OpenAlerts {
  /** To be called with each change in the life of a member, in order. */
  hear(change: MemberChanged): void
}

export function openPrimaryAlerts(
  config: Pick<Config, 'operations'>,
  foundation: Pick<AlertsFoundation, 'store' | 'logger' | 'figures' | 'publicUrl'>,
): PrimaryAlerts {
  const clock = systemClock
  const opened = openAlerts(config, { ...foundation, clock, members: { number: 0 }, nodeId: null })
  const watched = watchMembers({ alarms: opened.alarms, clock })
  return {
    alarms: opened.alarms,
    hear: watched.hear,
    async [Symbol.asyncDispose]() {
      watched[Symbol.dispose]()
      await opened[Symbol.asyncDispose]()
    },
  }
}
