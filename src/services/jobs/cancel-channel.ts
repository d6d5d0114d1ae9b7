import type { Bus } from '../../ports/bus.ts'

const channel = 'job-cancels'

/** Tells every runner that a running job is to stop. A hint: the renewal of the node's lease finds what got lost. */
export function announceCancel(bus: Bus, jobId: string): void {
  bus.publish(channel, { jobId })
}

/** Hears of running jobs that are said to be to stop, which the ledger knows for sure; call the result to end it. */
export async function hearCancels(bus: Bus, listener: (jobId: string) => void): Promise<() => void> {
  return bus.subscribe(channel, (message) => {
    if (typeof message !== 'object' || message === null || !('jobId' in message)) return
    if (typeof message.jobId === 'string') listener(message.jobId)
  })
}
