import type { HostProcess } from '../ports/host-process.ts'
import type { Runner } from '../services/jobs/runner.ts'

/** The process as it is seen by all who may have it stand still: whoever watches it is told, and it keeps its jobs meanwhile. */
export function pauseWithLease(host: HostProcess, runner: Pick<Runner, 'pause'>): HostProcess {
  return {
    leave: (reason) => host.leave(reason),
    async pause(ms) {
      const ends = await Promise.all([host.pause(ms), runner.pause(ms)])
      return () => {
        for (const end of ends) end()
      }
    },
  }
}
