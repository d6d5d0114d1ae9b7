import type { ProcessLoad } from '../../../core/cluster.ts'
import type { Readings } from '../../../core/metrics.ts'

/** The figures that a process measures of itself anyway. */
export function loadFigures(load: ProcessLoad): Readings {
  const { threads, busyThreads: busy, zombieThreads: zombie, bus } = load
  return {
    millrace_threads: [
      { labels: { state: 'busy' }, value: busy },
      { labels: { state: 'idle' }, value: Math.max(0, threads - busy) },
      { labels: { state: 'zombie' }, value: zombie },
    ],
    millrace_connections: [{ labels: {}, value: load.connections }],
    millrace_bus_live: [{ labels: { kind: bus.kind }, value: bus.isLive ? 1 : 0 }],
    nodejs_eventloop_lag_p50_seconds: [{ labels: {}, value: load.loopDelayP50Ms / 1_000 }],
    nodejs_eventloop_lag_p99_seconds: [{ labels: {}, value: load.loopDelayP99Ms / 1_000 }],
    nodejs_eventloop_lag_max_seconds: [{ labels: {}, value: load.loopDelayMaxMs / 1_000 }],
    nodejs_eventloop_utilization: [{ labels: {}, value: load.loopUtilization }],
  }
}
