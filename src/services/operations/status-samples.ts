import type { Clock } from '../../core/clock.ts'
import type { EventLog, Keep } from '../../ports/event-log.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Store } from '../../ports/store.ts'
import { keepFrom, type Retention } from '../streams/retention.ts'

/** How often a sample is due, and how old the last one must be, whoever made it, in ms. */
const everyMs = 2_000
const apartMs = 1_900
/** How much of a log samples may fill, in characters; what is older goes with them. */
const maxCharacters = 32 * 2 ** 20
/** Among how many of the newest events the last sample is looked for: beyond that, one more does no harm. */
const among = 50

/** A topic on which a status is told again and again. */
export interface SampledTopic<Status> {
  readonly topic: string
  /** The type of the events that are samples; nobody else appends events of it. */
  readonly type: string
  /** What the log calls it, such as "The status of the cluster". */
  readonly name: string
  readonly retention: Retention
  /** The status as it goes into the log, where nothing may be of any length. */
  bound(status: Status): Status
}

/** An event that tells a status. */
interface Sample<Status> {
  readonly type: string
  readonly at: number
  readonly status: Status
}

/** Writes a status into the log of its topic, for as long as somebody watches here. */
export interface StatusSamples extends AsyncDisposable {
  /** Somebody watches from now on. */
  wake(): void
}

export interface StatusSamplesOptions<Status> {
  readonly store: Pick<Store, 'read' | 'write'>
  readonly clock: Clock
  readonly logger: Logger
  readonly sampled: SampledTopic<Status>
  collect(): Promise<Status>
  /** Whether somebody still watches here. */
  isWatched(): boolean
}

export function createStatusSamples<Status>(options: StatusSamplesOptions<Status>): StatusSamples {
  const { logger, isWatched, sampled } = options
  let timer: NodeJS.Timeout | null = null
  let sampling: Promise<void> | null = null
  let isFailing = false
  let isClosed = false

  async function sample(): Promise<void> {
    try {
      await writeSample(options)
      isFailing = false
    } catch (error) {
      if (!isFailing) logger.warn({ error: String(error) }, `${sampled.name} cannot be sampled.`)
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
async function writeSample<Status>({ store, clock, collect, sampled }: StatusSamplesOptions<Status>): Promise<void> {
  if (!(await store.read(({ log }) => isDue(log, sampled, clock)))) return
  const status = sampled.bound(await collect())
  await store.write(async ({ log }) => {
    // Another one may have come first while the figures were collected.
    if (!(await isDue(log, sampled, clock))) return
    const event: Sample<Status> = { type: sampled.type, at: clock.now(), status }
    await log.append(sampled.topic, { ...event }, { keep: keepOf(event, sampled.retention) })
  })
}

/** The last sample; `null` where there is none lately. */
export async function readLastSample<Status>(
  log: EventLog,
  { topic, type }: SampledTopic<Status>,
): Promise<Sample<Status> | null> {
  const [last] = await log.readLast(topic, type, { limit: 1, maxBytes: maxCharacters, among })
  // This file alone writes events of this type.
  return last === undefined ? null : (last.body as unknown as Sample<Status>)
}

async function isDue<Status>(log: EventLog, sampled: SampledTopic<Status>, clock: Clock): Promise<boolean> {
  const last = await readLastSample(log, sampled)
  const age = last === null ? Infinity : clock.now() - last.at
  // One from the future was written before the clock was set back.
  return age >= apartMs || age < 0
}

function keepOf(event: Sample<unknown>, retention: Retention): Keep {
  const most = Math.max(20, Math.floor(maxCharacters / JSON.stringify(event).length))
  return keepFrom(event.at, { ...retention, events: Math.min(most, retention.events) })
}
