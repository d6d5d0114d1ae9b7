import type { CheckName } from '../../chaos/check-history.ts'
import type { Evidence } from '../../chaos/checks/check.ts'
import type { Observation } from '../../chaos/history.ts'
import type { RestingJob } from '../../chaos/resting-record.ts'
import { type Draft, legalEvidence } from './legal-evidence.ts'

/** What a fault is planted in. */
export type Planted = Pick<Draft<Evidence>, 'history' | 'record'>

/** Legal evidence with a fault in it. */
export function plant(fault: (evidence: Planted) => void): Evidence {
  const { history, record, ...rest } = legalEvidence()
  // A copy of plain data, in which no object is in two places.
  const copy = JSON.parse(JSON.stringify({ history, record })) as Planted
  fault(copy)
  return { ...copy, ...rest }
}

function job({ record }: Planted, id: string): Draft<RestingJob> {
  const found = record.jobs.find(({ job }) => job.id === id)
  if (found === undefined) throw new Error(`There is no job ${id}.`)
  return found
}

export function only<Type extends Observation['type']>({ history }: Planted, type: Type, index = 0) {
  const found = history.filter((one): one is Extract<Draft<Observation>, { type: Type }> => one.type === type)[index]
  if (found === undefined) throw new Error(`Nothing is observed of type ${type}.`)
  return found
}

function event(evidence: Planted, id: string, offset: number) {
  const found = job(evidence, id).topic?.events[offset - 1]
  if (found === undefined) throw new Error(`${id} has no event ${offset}.`)
  return found
}

/** The last event of the log goes along, so that nothing but the one fault is planted. */
function changeEnd(evidence: Planted, id: string, change: Partial<Draft<RestingJob>['job']>): void {
  const { job: row, topic } = job(evidence, id)
  Object.assign(row, change)
  Object.assign(topic?.events.at(-1)?.body.job ?? {}, change)
}

/** Faults by the check that must see them. */
export const plantedFaults: Readonly<Record<CheckName, Readonly<Record<string, (evidence: Planted) => void>>>> = {
  acknowledgedJobsEnd: {
    'an acknowledged job that is lost': ({ record }) => void record.jobs.shift(),
    'an acknowledged job that still runs': (evidence) => changeEnd(evidence, 'succeeded', { state: 'RUNNING' }),
  },
  sameKeySameJob: {
    'a key that gave another job when it was sent again': (evidence) => {
      evidence.history.push({ ...only(evidence, 'accepted'), jobId: 'failed' })
    },
  },
  acceptedAsWished: {
    'another input than the one that was sent': (evidence) => {
      only(evidence, 'accepted').wish.input = { seed: 9 }
    },
    'another owner': (evidence) => changeEnd(evidence, 'succeeded', { ownerId: 'bob' }),
  },
  refusedLeavesNothing: {
    'a job that was entered although its owner was refused': (evidence) => {
      only(evidence, 'refused').wish.key = 'key of succeeded'
      evidence.history.shift()
    },
  },
  conflictsAreTrue: {
    'a conflict with the very same input': (evidence) => {
      only(evidence, 'refused', 1).wish.input = { seed: 7 }
    },
    'a conflict with nothing': (evidence) => {
      only(evidence, 'refused', 1).wish.key = 'never used'
    },
  },
  cancelsHold: {
    'an acknowledged cancel that ends in success': (evidence) => {
      only(evidence, 'cancelAnswered').jobId = 'succeeded'
    },
    'a cancel that was answered and not noted': (evidence) => {
      only(evidence, 'cancelAnswered').cancelRequested = false
    },
  },
  endsAreFinal: {
    'a job that ran again after it was seen to have ended': ({ history }) => {
      history.push({ type: 'read', jobId: 'succeeded', state: 'RUNNING', askedAt: history.length })
    },
    'an end that is another one in the ledger': (evidence) => {
      only(evidence, 'read').state = 'FAILED'
    },
  },
  answersAreKnown: {
    'an answer nobody expected': ({ history }) => void history.push({ type: 'unexpected', what: 'INTERNAL' }),
  },
  nothingIsLeft: {
    'a job that nobody acknowledged and nobody runs': (evidence) => {
      changeEnd(evidence, 'succeeded', { state: 'QUEUED' })
    },
    'an attempt without an end': (evidence) => {
      const [first] = job(evidence, 'failed').attempts
      if (first !== undefined) first.finishedAt = null
    },
  },
  oneJobPerKey: {
    'two jobs of one key': (evidence) => {
      job(evidence, 'failed').job.idempotencyKey = 'key of succeeded'
    },
  },
  fencesRise: {
    'a fence that was used twice': (evidence) => {
      const last = job(evidence, 'failed').attempts.at(-1)
      if (last !== undefined) last.fence = 1
    },
    'a fence that falls': (evidence) => {
      event(evidence, 'failed', 3).body.job.fence = 2
      event(evidence, 'failed', 4).body.job.fence = 1
    },
    'a claim without an attempt': (evidence) => void job(evidence, 'failed').attempts.pop(),
  },
  limitsHold: {
    'an attempt too many': (evidence) => changeEnd(evidence, 'failed', { attempts: 3 }),
    'a loss that is not counted': (evidence) => changeEnd(evidence, 'cancelled', { losses: 0 }),
    'a fourth loss': (evidence) => changeEnd(evidence, 'cancelled', { losses: 4 }),
  },
  endsHaveReasons: {
    'a success that cannot be': (evidence) => {
      job(evidence, 'succeeded').input = '{"seed":7,"fails":true}'
    },
    'an error that the task does not have': (evidence) => {
      changeEnd(evidence, 'failed', { error: { code: 'OUT_OF_MEMORY', message: 'Why?' } })
    },
    'a crash after one loss': (evidence) => {
      changeEnd(evidence, 'failed', { error: { code: 'CRASHED', message: 'Why?' }, losses: 1 })
    },
    'a cancel that nobody asked for': (evidence) => changeEnd(evidence, 'cancelled', { cancelRequestedAt: null }),
    'a job that expired too early': (evidence) => changeEnd(evidence, 'expired', { expiresAt: 500 }),
  },
  relationsHold: {
    'a job that does a foreign one again': (evidence) => changeEnd(evidence, 'failed', { ownerId: 'bob' }),
    'a job that names nothing': (evidence) => changeEnd(evidence, 'expired', { retryOf: 'no job' }),
  },
  logIsDense: {
    'an event that is gone': (evidence) => void job(evidence, 'succeeded').topic?.events.splice(1, 1),
    'an event behind the end': (evidence) => {
      event(evidence, 'succeeded', 3).last = true
    },
    'a log that was left open': (evidence) => {
      const { topic } = job(evidence, 'succeeded')
      if (topic !== null) topic.closed = false
    },
    'a job without a log': (evidence) => {
      job(evidence, 'expired').topic = null
    },
  },
  walksAreLegal: {
    'a success that comes out of the queue': (evidence) => {
      event(evidence, 'remembered', 2).body.job.state = 'QUEUED'
    },
    'an end that was left': (evidence) => {
      event(evidence, 'cancelled', 3).body.job.state = 'FAILED'
    },
    'a claim that does not raise the fence': (evidence) => {
      event(evidence, 'cancelled', 4).body.job.fence = 1
    },
    'a partial result of an attempt that is over': (evidence) => {
      event(evidence, 'succeeded', 3).body.job.fence = 0
    },
  },
  countsFollow: {
    'a failure of which nothing is told': (evidence) => {
      event(evidence, 'failed', 3).body.job.state = 'QUEUED'
    },
    'a loss that is counted when a job is claimed': (evidence) => {
      event(evidence, 'cancelled', 3).body.job.losses = 0
    },
  },
  logAndLedgerAgree: {
    'a log that tells of another end': (evidence) => {
      event(evidence, 'succeeded', 4).body.job.state = 'FAILED'
    },
    'a ledger that counts another attempt': (evidence) => {
      job(evidence, 'failed').job.attempts = 1
    },
  },
  nothingRunsEarly: {
    'a claim before the time': (evidence) => {
      event(evidence, 'failed', 5).body.job.runAt = 200
    },
    'a claim after the expiry': (evidence) => {
      event(evidence, 'failed', 5).body.job.expiresAt = 104
    },
  },
  partialsAreInOrder: {
    'a partial result that lacks': (evidence) => {
      Object.assign(event(evidence, 'succeeded', 3).body, { data: { index: 1 } })
    },
    'a success without all of its parts': (evidence) => {
      Object.assign(event(evidence, 'succeeded', 3).body, { type: 'JobLogged' })
    },
  },
  oneResult: {
    'two attempts that succeeded': (evidence) => {
      const [first] = job(evidence, 'cancelled').attempts
      if (first !== undefined) first.outcome = 'SUCCEEDED'
    },
    'a success without a result': (evidence) => {
      job(evidence, 'succeeded').output = null
    },
    'a result without a success': (evidence) => {
      job(evidence, 'failed').output = '{}'
    },
  },
  resultsAreOfRuns: {
    'a result of no run': (evidence) => {
      job(evidence, 'succeeded').output = '{"token":"invented","seed":7}'
    },
    'a result of the run of another job': (evidence) => {
      job(evidence, 'succeeded').output = '{"token":"run of remembered","seed":7}'
    },
    'a result for another input': (evidence) => {
      job(evidence, 'succeeded').output = '{"token":"run of succeeded","seed":8}'
    },
  },
  runsAreClaimed: {
    'a run that nobody claimed': ({ record }) => void record.runs.push({ jobId: 'expired', token: 'stray' }),
  },
  pureRunsOnce: {
    'a remembered result of a task that is not pure': (evidence) => changeEnd(evidence, 'given', { task: 'work' }),
    'a remembered result that is another one': (evidence) => {
      job(evidence, 'given').output = '{"token":"run of remembered","seed":7,"more":1}'
    },
  },
  streamsAreGapless: {
    'an event that was left out': ({ history }) => {
      history.splice(
        history.findIndex((one) => one.type === 'frame' && one.position?.offset === 2),
        1,
      )
    },
    'an event that came twice': (evidence) => {
      const at = evidence.history.findIndex((one) => one.type === 'frame' && one.position?.offset === 2)
      evidence.history.splice(at, 0, only(evidence, 'frame', 1))
    },
    'another log without a word': (evidence) => {
      only(evidence, 'frame', 2).position = { epoch: 'another', offset: 3 }
    },
    'a stream that begins in the middle': (evidence) => {
      evidence.history.splice(evidence.history.indexOf(only(evidence, 'frame')), 1)
    },
  },
  streamsTellTheLog: {
    'a state that the log does not have': (evidence) => {
      only(evidence, 'frame', 1).state = 'QUEUED'
    },
    'an event of another type': (evidence) => {
      only(evidence, 'frame', 2).event = 'JobLogged'
    },
  },
  streamsEndWithTheJob: {
    'a stream without an end': ({ history }) => {
      history.splice(
        history.findIndex((one) => one.type === 'streamEnded'),
        1,
      )
    },
    'a stream that stops before the end': (evidence) => {
      evidence.history.splice(evidence.history.indexOf(only(evidence, 'frame', 3)), 1)
    },
  },
  databaseIsSound: {
    'a fault of the file': ({ record }) => void record.faults.push('row 3 missing from index jobs_by_owner'),
  },
  noLitter: {
    'a half-written file': ({ record }) => void record.files.litter.push('tmp/half'),
    'a blob of nobody': ({ record }) => void record.files.blobs.push('orphan'),
    'an artifact without its blob': ({ record }) => void record.files.blobs.pop(),
  },
  filesAreOfSuccess: {
    'a file of an attempt that failed': ({ record }) => {
      record.files.written.push({ jobId: 'failed', fence: 1, artifactId: 'file' })
    },
  },
  workGoesOn: {
    'a job that a dead member kept for long': (evidence) => {
      const [first] = job(evidence, 'cancelled').attempts
      if (first !== undefined) first.finishedAt = 106
    },
    'a job that nobody runs again for long': (evidence) => {
      const last = job(evidence, 'cancelled').attempts.at(-1)
      if (last !== undefined) last.startedAt = 106
    },
  },
  membersFollow: {
    'a member without a primary': (evidence) => {
      only(evidence, 'orphaned').ms = null
    },
  },
  stopsAreClean: {
    'an end with another status': (evidence) => {
      only(evidence, 'stopped', 1).code = 1
    },
  },
}
