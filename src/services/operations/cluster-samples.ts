import type { ClusterStatus } from '../../core/cluster.ts'
import type { Clock } from '../../core/clock.ts'
import type { EventLog, Keep } from '../../ports/event-log.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'
import { keepFrom, retention } from '../streams/retention.ts'
import { boundedStatus, type ClusterEvent, clusterTopic } from './cluster-event.ts'

type Sample = Extract<ClusterEvent, { readonly type: 'ClusterSampled' }>

/** How often a sample is due, and how old the last one must be, whoever made it, in ms. */
const everyMs = 2_000
const apartMs = 1_900
/** How much of the log samples may fill, in characters; what is older goes with them. */
const maxCharacters = 32 * 2 ** 20
/** Among how many of the newest events the last sample is looked for: beyond that, one more does no harm. */
const among = 50

/** Writes the status of the cluster into its log, for as long as somebody watches here. */
export interface ClusterSamples extends AsyncDisposable {
  /** Somebody watches from now on. */
  wake(): void
}

export interface ClusterSamplesOptions {
  readonly store: Pick<Store, 'read' | 'write'>
  readonly clock: Clock
  readonly logger: Logger
  collect(): Promise<ClusterStatus>
  /** Whether somebody still watches here. */
  isWatched(): boolean
}

export function createClusterSamples(options: ClusterSamplesOptions): ClusterSamples {
  const { logger, isWatched } = options
  let timer: NodeJS.Timeout | null = null
  let sampling: Promise<void> | null = null
  let isFailing = false
  let isClosed = false

  async function sample(): Promise<void> {
    try {
      await writeSample(options)
      isFailing = false
    } catch (error) {
      if (!isFailing) logger.warn({ error: String(error) }, 'The status of the cluster cannot be sampled.')
      isFailing = true
    }
  }

  function plan(): void {
    timer = setTimeout(() => {
      timer = null
      if (!isWatched()) return
      sampling = sample().finally(() => {
        sampling = null
        if (!isClosed) plan()
      })
    }, everyMs)
    timer.unref()
  }

  return {
    wake() {
      if (timer === null && sampling === null && !isClosed) plan()
    },
    async [Symbol.asyncDispose]() {
      isClosed = true
      if (timer !== null) clearTimeout(timer)
      await sampling
    },
  }
}

/** Appends a sample, unless another process did so a moment ago. */
async function writeSample({ store, clock, collect }: ClusterSamplesOptions): Promise<void> {
  if (!(await store.read(({ log }) => isDue(log, clock)))) return
  const status = boundedStatus(await collect())
  await store.write(async ({ log }) => {
    // Another one may have come first while the figures were collected.
    if (!(await isDue(log, clock))) return
    const event: Sample = { type: 'ClusterSampled', at: clock.now(), status }
    await log.append(clusterTopic, { ...event }, { keep: keepOf(event) })
  })
}

/** The status of the last sample; `null` where there is none lately. */
export async function readLastSample(log: EventLog): Promise<Sample | null> {
  const [last] = await log.readLast(clusterTopic, 'ClusterSampled', { limit: 1, maxBytes: maxCharacters, among })
  // This file alone writes events of this type.
  return last === undefined ? null : (last.body as unknown as Sample)
}

async function isDue(log: EventLog, clock: Clock): Promise<boolean> {
  const last = await readLastSample(log)
  const age = last === null ? Infinity : clock.now() - last.at
  // One from the future was written before the clock was set back.
  return age >= apartMs || age < 0
}

function keepOf(event: Sample): Keep {
  const most = Math.max(100, Math.floor(maxCharacters / JSON.stringify(event).length))
  return keepFrom(event.at, { ...retention.cluster, events: Math.min(most, retention.cluster.events) })
}
