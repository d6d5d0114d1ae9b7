import type { Keep } from '../../ports/event-log.ts'

const hour = 3_600_000

/** For how long the events of a kind of topic are kept: whichever is reached first. Those of a job stay with their job. */
export interface Retention {
  readonly ms: number
  readonly events: number
}

/** Of the topics that all users have. */
export const retention = {
  /** `jobs:<user>` */
  jobs: { ms: 24 * hour, events: 10_000 },
  /** `sessions:<user>` */
  session: { ms: 24 * hour, events: 1_000 },
  notices: { ms: 7 * 24 * hour, events: 10_000 },
  /** What befell the processes, and samples of what they do while somebody watches. */
  cluster: { ms: 7 * 24 * hour, events: 10_000 },
  /** Samples of what the processes say of themselves while somebody watches. */
  system: { ms: 24 * hour, events: 10_000 },
  /** Each alert is told once in five minutes, in each process. */
  alerts: { ms: 30 * 24 * hour, events: 20_000 },
  /** Beyond the longest life of an access token (15 min) and of what a process may remember of a credential. */
  revocations: { ms: 24 * hour, events: 1_000_000 },
} as const satisfies Record<string, Retention>

/** How long a topic that is written on demand stays after the last stream of it. */
export const interestMs = 24 * hour

/** How long an event that happens now is kept. */
export function keepFrom(now: number, { ms, events }: Retention): Keep {
  return { until: now + ms, events }
}
