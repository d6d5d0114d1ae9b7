import { CompiledQuery, Kysely, SqliteDialect } from 'kysely'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { sqlEventLog } from '../../src/adapters/sql/event-log.ts'
import { sqlLedger } from '../../src/adapters/sql/ledger.ts'
import { migrate } from '../../src/adapters/sql/migrate.ts'
import { openNodeSqlite } from '../../src/adapters/sql/node-sqlite.ts'
import { sqlRetention } from '../../src/adapters/sql/retention.ts'
import type { Database } from '../../src/adapters/sql/schema.ts'
import type { EventLog } from '../../src/ports/event-log.ts'
import type { Ledger } from '../../src/ports/ledger.ts'
import type { Retention } from '../../src/ports/retention.ts'
import { openTestStore } from '../support/open-test-store.ts'
import { newJob } from './fixtures/new-job.ts'

interface Asked {
  readonly ledger: Ledger
  readonly log: EventLog
  readonly retention: Retention
}

const limited = { nodeId: 'n', limit: 2, now: 1, concurrency: new Map([['double', 1]]) }
const others = new Map([['other', 1]])
const doubles = new Map([['double', []]])
const list =
  (filter: Parameters<Ledger['list']>[1]['filter']) =>
  ({ ledger }: Asked) =>
    ledger.list('usr_1', { limit: 1, before: 'job_x', ...(filter === undefined ? {} : { filter }) })

/** What is asked, the indexes that answer its statements, and how it is asked. */
const questions: readonly (readonly [string, readonly string[], (asked: Asked) => Promise<unknown>])[] = [
  ['the claim', ['jobs_queued'], ({ ledger }) => ledger.claim({ nodeId: 'n', limit: 1, now: 1 })],
  [
    'the claim past a task at its limit',
    ['jobs_queued', 'jobs_running', 'jobs_queued_by_task'],
    ({ ledger }) => ledger.claim(limited),
  ],
  [
    'the claim of a node that does not have every task',
    ['jobs_queued', 'jobs_queued_by_task'],
    ({ ledger }) => ledger.claim({ nodeId: 'n', limit: 3, now: 1, tasks: new Map([['double', ['2']]]) }),
  ],
  ['the tasks of which jobs wait', ['jobs_queued_by_task'], ({ ledger }) => ledger.queuedTasks()],
  ['the jobs whose task no node has', ['jobs_queued_by_task'], ({ ledger }) => ledger.queuedOf('double', 1, 1)],
  ['the count of a quota', ['jobs_by_state'], ({ ledger }) => ledger.countUnfinished('usr_1')],
  ['the count of the queue', ['jobs_waiting'], ({ ledger }) => ledger.countQueued()],
  ['the promotion', ['jobs_scheduled'], ({ ledger }) => ledger.promote(1, 1)],
  ['the expiry', ['jobs_expiring'], ({ ledger }) => ledger.expire(1, 1)],
  ['the look for what is due next', ['jobs_scheduled'], ({ ledger }) => ledger.nextDue()],
  ['the look for what has waited longest', ['jobs_waiting'], ({ ledger }) => ledger.oldestDue()],
  ['the look for orphans', ['jobs_running'], ({ ledger }) => ledger.orphans(1, { expired: true })],
  ['the list of a node', ['jobs_running'], ({ ledger }) => ledger.runningOn('n')],
  ['the list of an owner', ['jobs_by_owner'], list(undefined)],
  ['the list by state', ['jobs_by_state'], list({ states: ['QUEUED', 'FAILED'] })],
  ['the list by task', ['jobs_by_task', 'jobs_by_state'], list({ task: 'double' })],
  ['the list by task and states that end a job', ['jobs_by_task'], list({ task: 'double', states: ['FAILED'] })],
  ['the list by state, task and tag', ['jobs_by_state'], list({ states: ['QUEUED'], task: 'double', tag: 'a' })],
  [
    'the list by tag',
    ['sqlite_autoindex_job_tags_1'],
    list({ tag: 'a', task: 'double', states: ['QUEUED', 'FAILED'] }),
  ],
  ['the idempotency key', ['jobs_by_key'], ({ ledger }) => ledger.findByIdempotencyKey('usr_1', 'double', 'k')],
  [
    'the remembered result',
    ['sqlite_autoindex_memos_1'],
    ({ ledger }) => ledger.findMemo({ ownerId: 'usr_1', task: 'double', taskVersion: '1', memoKey: 'm' }, 1),
  ],
  ['the files that a job wrote', ['sqlite_autoindex_written_artifacts_1'], ({ ledger }) => ledger.written('job_x')],
  [
    'the files of an attempt that came to nothing',
    ['sqlite_autoindex_written_artifacts_1'],
    ({ ledger }) => ledger.dropWritten('job_x', 1),
  ],
  ['the output', ['sqlite_autoindex_job_outputs_1'], ({ ledger }) => ledger.output('job_x')],
  [
    'the purge of jobs',
    ['jobs_by_end', 'sqlite_autoindex_job_outputs_1', 'jobs_by_output'],
    async ({ ledger, retention }) => {
      await enterEnded(ledger)
      await retention.purgeJobs(1, 1)
    },
  ],
  [
    'the purge of artifacts',
    ['artifacts_by_age', 'job_artifacts_by_artifact', 'written_artifacts_by_artifact'],
    ({ retention }) => retention.purgeArtifacts(1, 1),
  ],
  ['the purge of results', ['memos_by_expiry', 'memos_by_job'], ({ retention }) => retention.purgeMemos(1, 1)],
  ['what a departed owner left', ['jobs_by_state'], ({ retention }) => retention.unfinishedOf('usr_1', 1)],
  [
    'the purge of a departed owner',
    ['jobs_by_state', 'artifacts_by_owner'],
    ({ retention }) => retention.purgeOwner('usr_1', 1),
  ],
  [
    'the last look at a departed owner',
    ['artifacts_by_owner'],
    ({ retention }) => retention.forgetDeparted('usr_1', 2, 1),
  ],
  [
    'whether an owner is departed',
    ['sqlite_autoindex_departed_owners_1'],
    ({ retention }) => retention.isDeparted('usr_1'),
  ],
]

/** Enters a job that comes to its end at once. */
async function enterEnded(ledger: Ledger): Promise<void> {
  const job = newJob()
  await ledger.insert(job)
  await ledger.update(job.id, { states: ['QUEUED'] }, { state: 'SUCCEEDED', finishedAt: 0, outputJson: '1' })
}

interface Statement {
  readonly sql: string
  readonly plan: readonly string[]
}

/** The statements that the question makes of a ledger with some jobs, and SQLite's plans for them. */
async function explain(ask: (asked: Asked) => Promise<unknown>): Promise<readonly Statement[]> {
  const queries: CompiledQuery[] = []
  const database = async () => openNodeSqlite(':memory:', { readOnly: false })
  const db = new Kysely<Database>({
    dialect: new SqliteDialect({ database }),
    log: ({ query }) => void queries.push(query),
  })
  await migrate(db)
  const ledger = sqlLedger(db)
  for (const task of ['double', 'double', 'halve']) await ledger.insert(newJob({ task }))
  const log = sqlEventLog(db, () => undefined)
  await log.ensure('wanted', 1)
  for (let n = 0; n < 3; n += 1) await log.append('kept', {}, { keep: { until: 1, events: 9 } })
  queries.length = 0
  await db.transaction().execute((now) => {
    return ask({ ledger: sqlLedger(now), log: sqlEventLog(now, () => undefined), retention: sqlRetention(now) })
  })
  const statements: Statement[] = []
  // Without `begin` and `commit`.
  for (const { sql, parameters } of queries.splice(0).slice(1, -1)) {
    const explained = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters])
    const { rows } = await db.executeQuery<{ detail: string }>(explained)
    statements.push({ sql, plan: rows.map(({ detail }) => detail) })
  }
  await db.destroy()
  return statements
}

const keep = { until: 9, events: 9 }
const key = 'sqlite_autoindex_topics_1'
const place = 'sqlite_autoindex_events_1'

/** The same of the log of events, and how many statements it takes. */
const logQuestions: readonly (readonly [string, number, readonly string[], (log: EventLog) => Promise<unknown>])[] = [
  ['an event', 2, [], (log) => log.append('plain', {})],
  ['an event that is kept for a time', 2, [], (log) => log.append('kept', {}, { keep })],
  ['an event where the topic is there', 2, [key], (log) => log.appendIfThere('wanted', {}, keep)],
  ['an event where it is not', 1, [key], (log) => log.appendIfThere('nowhere', {}, keep)],
  ['a topic on demand', 1, [], (log) => log.ensure('wanted', 2)],
  ['a head', 1, [key], (log) => log.head('kept')],
  ['heads', 1, [key], (log) => log.heads(['kept', 'nowhere'])],
  ['a page', 1, [key, place], (log) => log.read('kept', 1, 10, 100)],
  ['the newest', 1, [key, place], (log) => log.readLast('kept', 'a', { limit: 1, maxBytes: 100, among: 10 })],
  ['what is forgotten', 2, [key, place], (log) => log.trim('kept', 1)],
  ['the look for what is to be tidied', 3, ['topics_on_demand', 'topics_to_tidy', key], (log) => log.tidy(0, 9)],
  ['what is tidied', 9, ['topics_on_demand', 'topics_to_tidy', key, place], (log) => log.tidy(1, 9)],
]

/** What every job goes through, and how many statements that takes: the hot path. */
const steps: readonly (readonly [string, number, (ledger: Ledger) => Promise<unknown>])[] = [
  ['to be entered', 2, (ledger) => ledger.insert(newJob())],
  ['to be claimed', 2, (ledger) => ledger.claim({ nodeId: 'n', limit: 3, now: 1 })],
  ['to be claimed among several nodes', 3, (ledger) => ledger.claim({ nodeId: 'n', limit: 2, now: 1, tasks: doubles })],
  ['to be claimed where other tasks are limited', 3, (ledger) => ledger.claim({ ...limited, concurrency: others })],
  ['to report progress', 1, (ledger) => ledger.update('job_x', { states: ['RUNNING'], fence: 1 }, { progress: null })],
  ['to be entered and to succeed', 4, enterEnded],
  ['to find that its attempt wrote no file', 1, (ledger) => ledger.dropWritten('job_x', 1)],
]

describe('the indexes', () => {
  it.each(questions)('answer %s, without a table being read or sorted', async (_what, indexes, ask) => {
    const plan = (await explain(ask)).flatMap((statement) => statement.plan).join('\n')
    for (const index of indexes) expect(plan).toMatch(new RegExp(`INDEX ${index}\\b`))
    expect(plan).not.toContain('TEMP B-TREE')
    expect(plan).not.toMatch(/SCAN (?!queued$)\w+$/m)
  })

  it.each(logQuestions)('answer %s of the log, in %i statements', async (_what, count, indexes, ask) => {
    const statements = await explain(({ log }) => ask(log))
    expect(statements.map(({ sql }) => sql)).toHaveLength(count)
    const plan = statements.flatMap((statement) => statement.plan).join('\n')
    for (const index of indexes) expect(plan).toMatch(new RegExp(`INDEX ${index}\\b`))
    expect(plan).not.toMatch(/SCAN (topics|events)\b/)
  })

  it('find what hangs on a row that is deleted', async () => {
    await using store = await openTestStore()
    const database = new DatabaseSync(store.path)
    const unfound = database
      .prepare(
        `select t.name || '.' || k."from" as reference from sqlite_schema t join pragma_foreign_key_list(t.name) k
         where t.type = 'table' and not exists (
           select 1 from pragma_index_list(t.name) i join pragma_index_info(i.name) c
           join sqlite_schema s on s.name = i.name
           where c.seqno = 0 and c.name = k."from"
             and (i.partial = 0 or s.sql like '%where ' || k."from" || ' is not null'))`,
      )
      .all()
    expect(unfound).toEqual([])
    database.close()
  })
})

describe('a plain job', () => {
  it.each(steps)('takes, %s, %i statements', async (_step, count, run) => {
    const statements = await explain(({ ledger }) => run(ledger))
    expect(statements.map(({ sql }) => sql)).toHaveLength(count)
  })
})
