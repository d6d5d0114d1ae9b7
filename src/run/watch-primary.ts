import type { Supervisor } from '../cluster/supervisor.ts'
import type { Config } from '../config.ts'
import type { BusStatus } from '../core/cluster.ts'
import { openPrimaryAlerts } from '../compose/open-alerts.ts'
import type { Bus } from '../ports/bus.ts'
import type { Logger } from '../ports/logger.ts'
import type { Store } from '../ports/store.ts'
import type { PrimaryDesks } from './primary-desks.ts'
import { openPrimaryFigures } from './primary-figures.ts'
import { openPrimaryStatus } from './primary-status.ts'

export interface PrimaryWatchParts {
  readonly store: Store
  readonly bus: Bus
  readonly busKind: BusStatus['kind']
  readonly logger: Logger
  readonly supervisor: Supervisor
  readonly desks: Pick<PrimaryDesks, 'answer'>
  /** Where the server is reached. */
  readonly publicUrl: () => string
}

/** Watches the primary and what befalls its members, and answers for it as number 0, until it is disposed of. */
export function watchPrimary(config: Config, parts: PrimaryWatchParts): AsyncDisposable {
  const { supervisor, desks } = parts
  const resources = new AsyncDisposableStack()
  const figures = openPrimaryFigures({ ...parts, status: () => supervisor.status() })
  resources.defer(supervisor.onChange(figures.note))
  desks.answer('metrics', () => figures.collect())
  const alerts = resources.use(openPrimaryAlerts(config, { ...parts, figures }))
  resources.defer(supervisor.onChange(alerts.hear))
  const status = resources.use(openPrimaryStatus(config, { ...parts, figures, alarms: alerts.alarms }))
  desks.answer('status', status.read)
  return resources
}
