import type { Job, JobAttempt, JobEvent } from '../../src/core/job.ts'

/** What a server that has come to rest left behind: its database, its files, and what its tasks wrote down themselves. */
export interface RestingRecord {
  readonly jobs: readonly RestingJob[]
  /** What SQLite says is wrong with the database. */
  readonly faults: readonly string[]
  readonly runs: readonly Run[]
  readonly files: RestingFiles
}

export interface RestingJob {
  readonly job: Job
  /** As JSON text. */
  readonly input: string
  readonly output: string | null
  readonly attempts: readonly JobAttempt[]
  readonly topic: RestingTopic | null
}

/** The log of the topic of one job. */
export interface RestingTopic {
  readonly epoch: string
  readonly head: number
  readonly closed: boolean
  readonly events: readonly { readonly offset: number; readonly last: boolean; readonly body: JobEvent }[]
}

/** A task began to run: a line that it appended to a file of its own, which nothing of Millrace writes to. */
export interface Run {
  readonly jobId: string
  /** Its own, given back in the output. */
  readonly token: string
}

export interface RestingFiles {
  /** Names of what was being received or written when it was given up. */
  readonly litter: readonly string[]
  /** Hashes of the blobs on the disk. */
  readonly blobs: readonly string[]
  /** Hashes that rows of artifacts name. */
  readonly named: readonly string[]
  /** Jobs with the artifacts that they wrote. */
  readonly written: readonly { readonly jobId: string; readonly fence: number; readonly artifactId: string }[]
}
