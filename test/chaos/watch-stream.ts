import { setTimeout as sleep } from 'node:timers/promises'
import { type Frame as ClientFrame, OperationError } from '../../client/frame.ts'
import { subscribe, type TransportName } from '../../client/subscribe.ts'
import { parseCursor } from '../../src/core/cursor.ts'
import type { JobEvent, JobState } from '../../src/core/job.ts'
import type { ChaosUser } from './chaos-user.ts'
import type { Frame, History } from './history.ts'
import type { Random } from './random.ts'

const query = `subscription ($id: ID!) { job(id: $id) { __typename job { id state } } }`

const transports: readonly (TransportName | undefined)[] = ['ws', 'sse', 'poll', undefined]

export interface WatchOptions {
  readonly url: string
  readonly user: ChaosUser
  readonly history: History
  readonly random: Random
  /** Its number: no other stream of the run has it. */
  readonly stream: number
  readonly jobId: string
  readonly signal: AbortSignal
}

/**
 * Watches a job to its end and notes every frame. Now and then it cuts the connection itself and goes on from the last cursor
 * on another transport; the client does the same whenever the server is gone. Never rejects.
 */
export async function watchStream(options: WatchOptions): Promise<void> {
  const { history, random, stream, jobId, signal } = options
  const course: Course = { cursor: random.chance(0.5) ? 'earliest' : null, hasEnded: false }
  while (!course.hasEnded && !signal.aborted) {
    try {
      await connection(options, course, random.chance(0.3) ? 1 + random.upTo(3) : Infinity)
    } catch (error) {
      // A client that has waited in vain gives up; a person would come back. A refusal has no reason.
      if (error instanceof OperationError) {
        history.note({ type: 'unexpected', what: `Stream ${stream} of ${jobId} was refused: ${String(error)}` })
        return
      }
    }
    if (!course.hasEnded) await sleep(random.upTo(100), undefined, { signal }).catch(() => undefined)
  }
  // Who gives up at the end of the run has no end to note, which the checker then finds.
  if (course.hasEnded) history.note({ type: 'streamEnded', stream, jobId })
}

interface Course {
  cursor: string | null
  hasEnded: boolean
}

async function connection(options: WatchOptions, course: Course, cutAfter: number): Promise<void> {
  const { url, user, history, random, jobId, signal } = options
  const frames = subscribe({
    url: `${url}/graphql`,
    operation: { query, variables: { id: jobId } },
    transport: random.pick(transports),
    headers: user.headers,
    after: course.cursor,
    signal,
  })
  let count = 0
  for await (const frame of frames) {
    history.note(toFrame(options, frame))
    course.cursor = frame.extensions?.resume?.cursor ?? course.cursor
    count += 1
    if (count >= cutAfter) return
  }
  course.hasEnded = true
}

function toFrame({ stream, jobId }: WatchOptions, { data, extensions }: ClientFrame): Frame {
  // As the query asks; a frame without data is noted as one that the log does not have.
  const event = data?.['job'] as { __typename: string; job: { state: JobState } } | null | undefined
  const resume = extensions?.resume
  return {
    type: 'frame',
    stream,
    jobId,
    position: parseCursor(resume?.cursor ?? ''),
    opening: resume?.status === undefined ? null : { status: resume.status, gap: resume.gap ?? false },
    event: eventType(event?.__typename ?? 'nothing'),
    state: event?.job.state ?? 'QUEUED',
  }
}

/** Partial results have a type for each task. */
function eventType(name: string): JobEvent['type'] {
  // The names of the schema; one that is none of them matches no event of the log.
  return (name.endsWith('Partial') ? 'JobPartial' : name) as JobEvent['type']
}
