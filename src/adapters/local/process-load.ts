import { type Histogram, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { BusStatus, ProcessLoad } from '../../core/cluster.ts'
import type { PoolStatistics } from '../../ports/compute-pool.ts'

/** How often the figures that need a stretch of time are taken, and how finely the loop's delay is looked at, in ms. */
const everyMs = 1_000
const resolutionMs = 10

export interface LoadSources {
  pool(): Pick<PoolStatistics, 'threads' | 'busy' | 'zombies' | 'waiting'>
  /** What is open at the doors. */
  open(): { readonly connections: number; readonly streams: number }
  bus(): BusStatus
}

/** What this process has to do. Reading is cheap and disturbs nobody else who reads. */
export interface LoadMeter extends Disposable {
  read(): ProcessLoad
}

/** What is told of a stretch of time. */
type Sample = Pick<ProcessLoad, 'loopDelayP50Ms' | 'loopDelayP99Ms' | 'loopDelayMaxMs' | 'loopUtilization' | 'cpuCores'>

/**
 * Measures this process from now on, until it is disposed of. Delays, CPU and utilisation are those of the last whole second
 * (of a longer stretch where the loop stood still, and of none before the first is over); all else is as it is when it is read.
 */
export function createLoadMeter(sources: LoadSources): LoadMeter {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  let sample: Sample = { loopDelayP50Ms: 0, loopDelayP99Ms: 0, loopDelayMaxMs: 0, loopUtilization: 0, cpuCores: 0 }
  let at = performance.now()
  let cpu = process.cpuUsage()
  let loop = performance.eventLoopUtilization()

  const timer = setInterval(() => {
    const now = performance.now()
    const used = process.cpuUsage(cpu)
    const after = performance.eventLoopUtilization()
    sample = {
      ...delaysOf(delays),
      loopUtilization: performance.eventLoopUtilization(after, loop).utilization,
      cpuCores: (used.user + used.system) / 1_000 / (now - at),
    }
    at = now
    cpu = process.cpuUsage()
    loop = after
    delays.reset()
  }, everyMs)
  timer.unref()

  return {
    read() {
      const { threads, busy, zombies, waiting } = sources.pool()
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
      return {
        uptimeMs: process.uptime() * 1_000,
        ...sample,
        rssBytes: rss,
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        externalBytes: external,
        threads,
        busyThreads: busy,
        zombieThreads: zombies,
        waitingAttempts: waiting,
        ...sources.open(),
        bus: sources.bus(),
      }
    },
    [Symbol.dispose]() {
      clearInterval(timer)
      delays.disable()
    },
  }
}

/** The histogram has the times between two looks, in ns: what is over the resolution is delay. */
function delaysOf(
  delays: Pick<Histogram, 'count' | 'max' | 'percentile'>,
): Omit<Sample, 'loopUtilization' | 'cpuCores'> {
  const late = (ns: number) => Math.max(0, ns / 1e6 - resolutionMs)
  // Without a single look the extremes of an empty histogram mean nothing.
  if (delays.count === 0) return { loopDelayP50Ms: 0, loopDelayP99Ms: 0, loopDelayMaxMs: 0 }
  return {
    loopDelayP50Ms: late(delays.percentile(50)),
    loopDelayP99Ms: late(delays.percentile(99)),
    loopDelayMaxMs: late(delays.max),
  }
}
