import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { Records, Store } from '../../ports/store.ts'
import type { Hub, ResumeRequest, TopicStream } from '../streams/stream.ts'
import { createStatusSamples, readLastSample, type SampledTopic } from './status-samples.ts'

/** A topic on which a status is told: first as it is, then again and again. */
export interface StatusTopic<Status> extends SampledTopic<Status> {
  /** The type of the event that a stream opens with. */
  readonly snapshotType: string
}

export interface StatusStreamOptions<Status> {
  readonly store: Pick<Store, 'read' | 'write'>
  readonly hub: Pick<Hub, 'open' | 'isOpen'>
  readonly clock: Clock
  readonly logger: Logger
  readonly topic: StatusTopic<Status>
  collect(): Promise<Status>
}

/** The status as a stream. Close it to stop sampling for those who watch. */
export interface StatusStream extends AsyncDisposable {
  /** Throws what collecting the status does, and what a cursor is refused with. */
  open(resume: ResumeRequest | null): Promise<TopicStream>
}

export function createStatusStream<Status extends { readonly at: number }>(
  options: StatusStreamOptions<Status>,
): StatusStream {
  const { hub, clock, topic, collect } = options
  const isWatched = () => hub.isOpen(topic.topic)
  const samples = createStatusSamples({ ...options, sampled: topic, isWatched })

  /** The status as it was collected when the stream was opened or, where it has been open for a while, as it was sampled last. */
  async function newest({ log }: Records, collected: Status): Promise<Status> {
    const last = await readLastSample(log, topic)
    return last !== null && last.status.at > collected.at ? last.status : collected
  }

  return {
    async open(resume) {
      const collected = topic.bound(await collect())
      const stream = await hub.open({
        topic: topic.topic,
        resume,
        snapshot: async (records) => ({
          type: topic.snapshotType,
          at: clock.now(),
          status: await newest(records, collected),
        }),
      })
      samples.wake()
      return stream
    },
    [Symbol.asyncDispose]: () => samples[Symbol.asyncDispose](),
  }
}
