import { isTerminal } from '../../../src/core/job.ts'
import type { Frame } from '../history.ts'
import type { RestingTopic } from '../resting-record.ts'
import { type Check, type Evidence, jobsById, observed } from './check.ts'

/** What the streams brought, over cut connections, other transports and dead servers. */
export const streamChecks = {
  streamsAreGapless: {
    sentence: 'A stream brings each event once and in order, or says that there is a gap.',
    *find(evidence) {
      for (const [stream, frames] of streamsOf(evidence)) {
        let before: Frame | null = null
        for (const frame of frames) {
          const fault = faultAfter(before, frame)
          if (fault !== null) yield `Stream ${stream} of ${frame.jobId} ${fault}`
          before = frame
        }
      }
    },
  },

  streamsTellTheLog: {
    sentence: 'What a stream brings at an offset is what the log has there.',
    *find(evidence) {
      const jobs = jobsById(evidence)
      for (const [stream, frames] of streamsOf(evidence)) {
        for (const frame of frames) {
          const topic = jobs.get(frame.jobId)?.topic ?? null
          const kept = topic === null ? null : toldAt(topic, frame)
          const brought = `${frame.event} ${frame.state}`
          if (kept !== brought) {
            yield `Stream ${stream} of ${frame.jobId} brought ${brought} at ${frame.position?.offset}; the log has ${kept}.`
          }
        }
      }
    },
  },

  streamsEndWithTheJob: {
    sentence: 'A stream ends, with the state in which the ledger has the job.',
    *find(evidence) {
      const jobs = jobsById(evidence)
      const ended = new Set(observed(evidence, 'streamEnded').map(({ stream }) => stream))
      for (const [stream, frames] of streamsOf(evidence)) {
        const last = frames.at(-1)
        if (last === undefined) continue
        const state = jobs.get(last.jobId)?.job.state
        if (!ended.has(stream) && evidence.isCutOff) continue
        if (!ended.has(stream)) yield `Stream ${stream} of ${last.jobId} has no end after ${last.state}.`
        else if (!isTerminal(last.state) || last.state !== state) {
          yield `Stream ${stream} of ${last.jobId} ended with ${last.state}; the job is ${state}.`
        }
      }
    },
  },
} as const satisfies Record<string, Check>

function streamsOf(evidence: Evidence): ReadonlyMap<number, readonly Frame[]> {
  return Map.groupBy(observed(evidence, 'frame'), ({ stream }) => stream)
}

function faultAfter(before: Frame | null, { position, opening, event }: Frame): string | null {
  if (position === null) return 'brought a frame without a place.'
  if (before === null) {
    if (opening === null) return 'does not say how it opens.'
    // A snapshot is all that was before; without one the first event must come first.
    return event === 'JobSnapshot' || position.offset === 1 ? null : `begins with event ${position.offset}.`
  }
  if (opening?.gap === true) return event === 'JobSnapshot' ? null : 'tells of a gap and brings no snapshot.'
  if (opening?.status === 'fresh') return 'began anew although it had a cursor.'
  if (position.epoch !== before.position?.epoch) return 'went to another log without a gap.'
  const expected = (before.position?.offset ?? 0) + 1
  return position.offset === expected ? null : `brought event ${position.offset} in the place of ${expected}.`
}

function toldAt({ epoch, events }: RestingTopic, { position, event }: Frame): string | null {
  if (position === null || position.epoch !== epoch) return null
  const body = events[position.offset - 1]?.body
  if (body === undefined) return null
  return `${event === 'JobSnapshot' ? event : body.type} ${body.job.state}`
}
