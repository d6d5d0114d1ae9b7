import type { Job } from '../core/job.ts'

/** What was forgotten, for the caller to clear away what lies outside the record. */
export interface Purged {
  /** Jobs that are gone with their values, attempts, tags, and outputs that no other has; their topics are the caller's to remove. */
  readonly jobIds: readonly string[]
  /** Of artifacts that are gone: their blobs may now be nobody's. */
  readonly hashes: readonly string[]
}

/**
 * Forgets what is no longer kept, a portion at a time, so that no transaction is long. An owner is *departed* when the
 * account was deleted while jobs or files may have been left: `deleteUser` notes it in its own transaction.
 */
export interface Retention {
  /** Forgets at most `limit` jobs that ended before that time, the oldest first. Answers their ids. */
  purgeJobs(finishedBefore: number, limit: number): Promise<readonly string[]>
  /** Forgets at most `limit` artifacts made before that time which no job names or wrote. Answers their hashes. */
  purgeArtifacts(createdBefore: number, limit: number): Promise<readonly string[]>
  /** Forgets at most `limit` remembered results that are over. */
  purgeMemos(now: number, limit: number): Promise<number>
  /** Whether the owner is on the list of the departed: nothing may be entered for them any more. */
  isDeparted(ownerId: string): Promise<boolean>
  /** Those of whom something may be left, and those of whom nothing has been since before that time. */
  departedOwners(clearedBefore: number, limit: number): Promise<readonly string[]>
  /** The owner's jobs that have not ended. */
  unfinishedOf(ownerId: string, limit: number): Promise<readonly Job[]>
  /** Forgets at most `limit` ended jobs and `limit` artifacts that no job names of an owner. */
  purgeOwner(ownerId: string, limit: number): Promise<Purged>
  /**
   * Notes, if nothing of the owner is left, that it is so since `now`, and takes them off the list of the departed where it
   * has been so since before `clearedBefore`: what was under way at the deletion may be entered a while after. Says whether
   * nothing is left.
   */
  forgetDeparted(ownerId: string, now: number, clearedBefore: number): Promise<boolean>
}
