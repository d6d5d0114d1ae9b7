import type { Bus } from '../../ports/bus.ts'

const channel = 'job-due'

/** Tells every sweeper when a job is due. A hint: the next sweep finds what got lost. */
export function announceDue(bus: Bus, at: number): void {
  bus.publish(channel, { at })
}

/** Hears when jobs are due, in ms since 1970; call the result to end it. */
export async function hearDue(bus: Bus, listener: (at: number) => void): Promise<() => void> {
  return bus.subscribe(channel, (message) => {
    if (typeof message !== 'object' || message === null || !('at' in message)) return
    if (typeof message.at === 'number') listener(message.at)
  })
}
