import packageJson from '../../package.json' with { type: 'json' }
import type { DiskSpace } from '../adapters/local/disk-space.ts'
import { readProcessFigures } from '../adapters/local/process-figures.ts'
import { metricsMediaType, renderMetrics } from '../adapters/metrics/render-metrics.ts'
import type { ProcessLoad } from '../core/cluster.ts'
import type { Members } from '../ports/members.ts'
import type { Figures } from '../ports/meter.ts'
import type { QueueDepthReader } from '../services/jobs/queue-depth.ts'
import { collectFigures } from '../services/operations/figures/collect-figures.ts'
import { loadFigures } from '../services/operations/figures/load-figures.ts'
import type { RuntimeSettingsService } from '../services/operations/runtime-settings.ts'

export interface FiguresFoundation {
  readonly figures: Figures
  readonly members: Pick<Members, 'askAll'>
  readonly queueDepth: QueueDepthReader
  readonly load: () => ProcessLoad
  readonly runtimeSettings: Pick<RuntimeSettingsService, 'maintenance'>
  readonly disk: DiskSpace
}

/** What `/metrics` answers. */
export interface OpenFigures extends Disposable {
  /** The figures of all processes, now. Never rejects. */
  readonly collect: () => Promise<{ readonly mediaType: string; readonly text: string }>
}

/** Has the figures be read that a process as such has, and nobody counts. What else tells figures adds a source of its own. */
export function openFigures(foundation: FiguresFoundation): OpenFigures {
  const { figures, members, queueDepth, load, runtimeSettings, disk } = foundation
  const opened = new DisposableStack()
  const sources: readonly Parameters<Figures['addSource']>[0][] = [
    readProcessFigures,
    () => loadFigures(load()),
    () => ({
      millrace_build_info: [{ labels: { version: packageJson.version, node: process.versions.node }, value: 1 }],
      millrace_maintenance: [{ labels: {}, value: runtimeSettings.maintenance() === null ? 0 : 1 }],
    }),
    async () => ({ millrace_disk_free_bytes: [{ labels: {}, value: await disk.freeBytes() }] }),
    async () => {
      const { queued, oldestDueMs } = await queueDepth.read()
      return {
        millrace_jobs_queued: [{ labels: {}, value: queued }],
        millrace_queue_age_seconds: [{ labels: {}, value: oldestDueMs / 1_000 }],
      }
    },
  ]
  for (const source of sources) opened.defer(figures.addSource(source))
  return {
    collect: async () => ({ mediaType: metricsMediaType, text: await renderMetrics(await collectFigures(members)) }),
    [Symbol.dispose]: () => opened.dispose(),
  }
}
