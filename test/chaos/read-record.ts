import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { toJob, toJobAttempt } from '../../src/adapters/sql/job-row.ts'
import type { JobEvent } from '../../src/core/job.ts'
import { dataOf, runsOf, temporaryOf } from './chaos-mill.ts'
import { databaseName } from './crash-copy.ts'
import type { RestingFiles, RestingJob, RestingRecord, RestingTopic, Run } from './resting-record.ts'

/** Reads what a server left in the folder. It must have ended. */
export function readRecord(folder: string): RestingRecord {
  using database = new DatabaseSync(databaseOf(folder))
  return {
    jobs: readJobs(database),
    faults: readFaults(database),
    runs: readRuns(folder),
    files: withTemporary(readFiles(database, folder), folder),
  }
}

/** A server that has ended has nothing in the folder for temporary files. */
function withTemporary(files: RestingFiles, folder: string): RestingFiles {
  return { ...files, litter: [...files.litter, ...filesBelow(temporaryOf(folder))] }
}

/** How many jobs have not ended. Also while a server works on the folder. */
export function countUnfinished(folder: string): number {
  using database = new DatabaseSync(databaseOf(folder), { readOnly: true, timeout: 2000 })
  const states = `'SCHEDULED', 'QUEUED', 'RUNNING'`
  return Number(database.prepare(`select count(*) as n from jobs where state in (${states})`).get()?.['n'])
}

/** The nodes that run jobs, those with the jobs that come before all others first. Also while a server works on the folder. */
export function nodesAtWork(folder: string): readonly string[] {
  using database = new DatabaseSync(databaseOf(folder), { readOnly: true, timeout: 2000 })
  const rows = database.prepare(`select node_id from jobs where state = 'RUNNING' order by priority desc`).all()
  return rows.map((row) => String(row['node_id']))
}

/** What lies in the folder and is of nobody, or lacks. Also while a server works on it. */
export function hasLitter(folder: string): boolean {
  using database = new DatabaseSync(databaseOf(folder), { readOnly: true, timeout: 2000 })
  const { litter, blobs, named } = readFiles(database, folder)
  return litter.length > 0 || new Set(blobs).symmetricDifference(new Set(named)).size > 0
}

function databaseOf(folder: string): string {
  return join(dataOf(folder), databaseName)
}

type JobRow = Parameters<typeof toJob>[0] & Pick<RestingJob, 'input' | 'output'>
type AttemptRow = Parameters<typeof toJobAttempt>[0]

// The casts below name the columns that the migrations give the tables.

function readJobs(database: DatabaseSync): readonly RestingJob[] {
  const tried = database.prepare('select * from job_attempts order by job_id, fence').all()
  const attempts = Map.groupBy(tried as unknown as AttemptRow[], (row) => row.job_id) // see above
  const topics = readTopics(database)
  const kept = database
    .prepare(
      `select jobs.*, input, text as output from jobs join job_values on job_id = jobs.id
       left join job_outputs on job_outputs.id = output_id order by jobs.id`,
    )
    .all()
  return (kept as unknown as JobRow[]).map((row) => ({
    job: toJob(row),
    input: row.input,
    output: row.output,
    attempts: (attempts.get(row.id) ?? []).map(toJobAttempt),
    topic: topics.get(row.id) ?? null,
  }))
}

interface EventRow {
  readonly topic: string
  readonly offset: number
  readonly body: string
  readonly last: number
}

interface TopicRow {
  readonly name: string
  readonly epoch: string
  readonly head: number
  readonly closed: number
}

function readTopics(database: DatabaseSync): ReadonlyMap<string, RestingTopic> {
  const told = database.prepare(`select * from events where topic like 'job:%' order by topic, "offset"`).all()
  const events = Map.groupBy(told as unknown as EventRow[], (row) => row.topic) // see above
  const heads = database.prepare(`select * from topics where name like 'job:%'`).all()
  return new Map(
    (heads as unknown as TopicRow[]).map(({ name, epoch, head, closed }) => [
      name.slice('job:'.length),
      { epoch, head, closed: closed === 1, events: (events.get(name) ?? []).map(toEvent) },
    ]),
  )
}

function toEvent({ offset, last, body }: EventRow): RestingTopic['events'][number] {
  // What the server wrote, to be looked at by the checks.
  return { offset, last: last === 1, body: JSON.parse(body) as JobEvent }
}

function readFaults(database: DatabaseSync): readonly string[] {
  const integrity = database
    .prepare('pragma integrity_check')
    .all()
    .map((row) => String(row['integrity_check']))
  const foreign = database.prepare('pragma foreign_key_check').all()
  return [
    ...integrity.filter((line) => line !== 'ok'),
    ...foreign.map((row) => `A row refers to nothing: ${JSON.stringify(row)}`),
  ]
}

function readRuns(folder: string): readonly Run[] {
  if (!existsSync(runsOf(folder))) return []
  const lines = readFileSync(runsOf(folder), 'utf8').split('\n')
  // Written by the tasks, a line at a time.
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Run)
}

function readFiles(database: DatabaseSync, folder: string): RestingFiles {
  const files = join(dataOf(folder), 'files')
  const written = database.prepare('select job_id, fence, artifact_id from written_artifacts').all()
  const named = database.prepare('select distinct hash from artifacts').all()
  return {
    litter: filesBelow(join(files, 'tmp')),
    blobs: filesBelow(join(files, 'blobs')),
    named: named.map(({ hash }) => String(hash)),
    written: written.map((row) => ({
      jobId: String(row['job_id']),
      fence: Number(row['fence']),
      artifactId: String(row['artifact_id']),
    })),
  }
}

/** The names of the files in a folder and below it; none where it does not exist. */
function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}
