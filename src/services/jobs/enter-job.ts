import { IdempotencyConflictError, InvalidInputError, NotFoundError, QuotaExceededError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { Job } from '../../core/job.ts'
import type { KnownPrincipal } from '../../core/principal.ts'
import type { NewJob } from '../../ports/ledger.ts'
import type { Records } from '../../ports/store.ts'
import { assertOwnerThere } from '../accounts/assert-owner-there.ts'
import type { Admission } from '../operations/shedding/admission.ts'
import { appendStateChange } from './job-log.ts'
import { canUseArtifact } from './policies.ts'
import { assertTimely } from './submit-options.ts'
import type { JobRecords } from './write-jobs.ts'

/** The most artifacts that one input may name: each is looked up within the transaction. */
const maxArtifacts = 100

/** Throws an `InvalidInputError` when an input names more artifacts than a job may have. */
export function assertArtifactCount(artifactIds: readonly string[]): void {
  if (artifactIds.length <= maxArtifacts) return
  const message = `The input names ${artifactIds.length} artifacts; at most ${maxArtifacts} are allowed.`
  throw new InvalidInputError([{ path: [], message }])
}

/** What holds for the entering of a job besides the job itself. */
export interface EntryRules {
  /** How many unfinished jobs the owner may have. */
  readonly maxUnfinished: number
  readonly admission: Pick<Admission, 'admitJob'>
  /** Whether it may be given a remembered result, if there is one. */
  readonly useMemo: boolean
}

/**
 * Enters the job with its first event, in one transaction: to be run, or SUCCEEDED where its result is remembered, which no
 * quota applies to and no load. Or answers the job that the owner's idempotency key already names.
 * Throws `NotFoundError` for an artifact that is not there, `IdempotencyConflictError`, `QuotaExceededError`,
 * `OVERLOADED`, `UNAUTHENTICATED` for an owner whose account is gone, and an `InvalidInputError` for the key of the job that is
 * done again and for an end that is past.
 */
export async function enterJob(
  records: JobRecords,
  principal: KnownPrincipal,
  job: NewJob,
  { useMemo, ...rules }: EntryRules,
): Promise<{ readonly job: Job; readonly isNew: boolean }> {
  await assertOwnerThere(records, job.ownerId)
  const earlier = await findEarlier(records, job)
  if (earlier !== null) return { job: earlier, isNew: false }
  assertTimely(job)
  await assertArtifacts(records, principal, job.artifactIds)
  const remembered = useMemo ? await findRemembered(records, job) : null
  if (remembered === null) await assertQuota(records, job, rules)
  const entered = await (remembered === null
    ? records.ledger.insert(job)
    : records.ledger.insertMemoized(job, remembered))
  if (entered === null) {
    // Someone else used the key since it was looked up, in a transaction that was not seen then.
    const winner = await findEarlier(records, job)
    if (winner !== null) return { job: winner, isNew: false }
    throw new Error(`The idempotency key of ${job.id} is taken by a job that cannot be found.`)
  }
  await appendStateChange(records, entered, job.createdAt)
  return { job: entered, isNew: true }
}

async function findRemembered({ ledger }: Records, { memoKey, ...job }: NewJob): Promise<Job | null> {
  return memoKey === null ? null : ledger.findMemo({ ...job, memoKey }, job.createdAt)
}

async function findEarlier({ ledger }: Records, job: NewJob): Promise<Job | null> {
  if (job.idempotencyKey === null) return null
  const earlier = await ledger.findByIdempotencyKey(job.ownerId, job.task, job.idempotencyKey)
  if (earlier !== null && earlier.id === job.retryOf) {
    const message = 'Names the job that is to be done again: give a new one, or none.'
    throw new InvalidInputError([{ path: ['options', 'idempotencyKey'], message }])
  }
  if (earlier !== null && earlier.inputHash !== job.inputHash) throw new IdempotencyConflictError(earlier.id)
  return earlier
}

async function assertArtifacts(
  { artifacts }: Records,
  principal: KnownPrincipal,
  artifactIds: readonly string[],
): Promise<void> {
  for (const id of artifactIds) {
    const artifact = isId('artifact', id) ? await artifacts.find(id) : null
    if (artifact === null || !canUseArtifact(principal, artifact)) throw new NotFoundError('artifact')
  }
}

async function assertQuota(
  { ledger }: Records,
  { ownerId, state }: NewJob,
  { maxUnfinished: limit, admission }: Pick<EntryRules, 'maxUnfinished' | 'admission'>,
): Promise<void> {
  const unfinished = await ledger.countUnfinished(ownerId)
  if (unfinished < limit) {
    // Those that are for later wait for nothing yet.
    if (state === 'QUEUED') admission.admitJob(unfinished)
    return
  }
  const message = `You have ${limit} unfinished jobs, as many as are allowed. Wait until one has ended, or cancel one.`
  throw new QuotaExceededError('unfinishedJobs', limit, message)
}
