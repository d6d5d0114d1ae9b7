import { performance } from 'node:perf_hooks'
import type { LoadProbe } from '../../ports/load-probe.ts'

/**
 * Measures by what the loop counts itself. A timer that is late would tell less: one that is due in the middle of a turn is late by the
 * rest of that turn only.
 */
export function createLoadProbe(): LoadProbe {
  let turns = performance.nodeTiming.uvMetricsInfo.loopCount
  let loop = performance.eventLoopUtilization()

  return {
    readLoop() {
      const { loopCount } = performance.nodeTiming.uvMetricsInfo
      const now = performance.eventLoopUtilization()
      const { active, utilization } = performance.eventLoopUtilization(now, loop)
      const count = Math.max(1, loopCount - turns)
      turns = loopCount
      loop = now
      return { turnMs: active / count, utilisation: utilization }
    },
  }
}
