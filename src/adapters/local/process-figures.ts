import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import type { Reading, Readings } from '../../core/metrics.ts'

/** When the process started, in seconds since 1970. */
const startedAt = Date.now() / 1_000 - process.uptime()

/** What the system and V8 tell of this process: 60 µs. */
export function readProcessFigures(): Readings {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return {
    process_start_time_seconds: only(startedAt),
    process_cpu_seconds_total: only((user + system) / 1e6),
    process_resident_memory_bytes: only(rss),
    nodejs_heap_size_used_bytes: only(heapUsed),
    nodejs_heap_size_total_bytes: only(heapTotal),
    nodejs_heap_size_limit_bytes: only(getHeapStatistics().heap_size_limit),
    nodejs_external_memory_bytes: only(external),
    nodejs_heap_space_size_used_bytes: getHeapSpaceStatistics().map(({ space_name: name, space_used_size: value }) => ({
      labels: { space: name.replace(/_space$/, '') },
      value,
    })),
  }
}

function only(value: number): readonly Reading<'process_resident_memory_bytes'>[] {
  return [{ labels: {}, value }]
}
