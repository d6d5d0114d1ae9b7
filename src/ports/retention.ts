import type { Job } from '../core/job.ts'

/** What was forgotten, for the caller to clear away what lies outside the record. */
export interface Purged {
  /** Jobs that are gone with their values, attempts and tags; their topics in the log are the caller's to remove. */
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
  departedOwners(limit: number): Promise<readonly string[]>
  /** The owner's jobs that have not ended. */
  unfinishedOf(ownerId: string, limit: number): Promise<readonly Job[]>
  /** Forgets at most `limit` ended jobs and `limit` artifacts that no job names of an owner. */
  purgeOwner(ownerId: string, limit: number): Promise<Purged>
  /** Takes the owner off the list of the departed, if nothing of theirs is left. Says whether that is so. */
  forgetDeparted(ownerId: string): Promise<boolean>
}
