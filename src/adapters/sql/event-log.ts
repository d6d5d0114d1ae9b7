import { sql, type Insertable, type Kysely, type Selectable } from 'kysely'
import type { EventBody, EventLog, LastBounds, LoggedEvent, LogHead } from '../../ports/event-log.ts'
import { createEpochs } from './create-epochs.ts'
import { prepared } from './prepared.ts'
import type { Database } from './schema.ts'

/** How many topics one query names; SQLite allows 32,766 parameters. */
const namesPerQuery = 500

/**
 * `EventLog` in the tables `topics` and `events`. `appended` hears of each event when it is appended, which is before the
 * commit: the store passes them on afterwards.
 */
export function sqlEventLog(db: Kysely<Database>, appended: (event: LoggedEvent) => void): EventLog {
  const newEpoch = createEpochs()
  return {
    async append(topic, body, options = {}) {
      const event = await append(db, { topic, epoch: newEpoch(), closed: options.last === true ? 1 : 0 }, body)
      appended(event)
      return event
    },
    async head(topic) {
      const row = await db.selectFrom('topics').selectAll().where('name', '=', topic).executeTakeFirst()
      return row === undefined ? null : toHead(row)
    },
    heads: (topics) => readHeads(db, topics),
    async ensure(topic) {
      const row = { name: topic, epoch: newEpoch() }
      await db
        .insertInto('topics')
        .values(row)
        .onConflict((on) => on.column('name').doNothing())
        .execute()
    },
    read: (topic, after, limit, maxBytes = Number.MAX_SAFE_INTEGER) => readPage(db, { topic, after, limit, maxBytes }),
    readLast: (topic, type, bounds) => readLast(db, { topic, type, ...bounds }),
    async trim(topic, upTo) {
      await db.deleteFrom('events').where('topic', '=', topic).where('offset', '<=', upTo).execute()
      // Never beyond the head: the next event would count as forgotten before it is there.
      const oldest = sql<number>`case when head < ${upTo} then head + 1 else ${upTo} + 1 end`
      await db.updateTable('topics').set({ oldest }).where('name', '=', topic).where('oldest', '<=', upTo).execute()
    },
    async renewEpochs() {
      await sql`update topics set epoch = substr(lower(hex(randomblob(9))), 1, 12)`.execute(db)
    },
    async remove(topic) {
      await db.deleteFrom('topics').where('name', '=', topic).execute()
    },
  }
}

interface Appending {
  readonly topic: string
  /** That of the topic if it is new. */
  readonly epoch: string
  /** 1 where the event is the last. */
  readonly closed: number
}

async function append(db: Kysely<Database>, appending: Appending, body: EventBody): Promise<LoggedEvent> {
  const { topic, closed } = appending
  const [row] = await nextOffset(db, appending)
  if (row === undefined) throw new TypeError(`The topic ${topic} is closed: nothing can be appended.`)
  const offset = row.head
  await insertEvent(db, { topic, offset, body: JSON.stringify(body), last: closed })
  return { topic, epoch: row.epoch, offset, body, last: closed === 1 }
}

/** One statement makes the topic's row, or takes its next offset: who holds the row numbers the event. */
const nextOffset = prepared((db, { topic, epoch, closed }: Appending) =>
  db
    .insertInto('topics')
    .values({ name: topic, epoch, head: 1, closed })
    .onConflict((on) =>
      on
        .column('name')
        .doUpdateSet({ head: sql<number>`topics.head + 1`, closed })
        .where('topics.closed', '=', 0),
    )
    .returning(['epoch', 'head']),
)

const insertEvent = prepared((db, event: Insertable<Database['events']>) => db.insertInto('events').values(event))

async function readHeads(db: Kysely<Database>, topics: readonly string[]): Promise<ReadonlyMap<string, LogHead>> {
  const heads = new Map<string, LogHead>()
  for (let start = 0; start < topics.length; start += namesPerQuery) {
    const names = topics.slice(start, start + namesPerQuery)
    const rows = await db.selectFrom('topics').selectAll().where('name', 'in', names).execute()
    for (const row of rows) heads.set(row.name, toHead(row))
  }
  return heads
}

interface Page {
  readonly topic: string
  readonly after: number
  readonly limit: number
  readonly maxBytes: number
}

/** The running sum stops the page at its bytes without a body being read that is over them. */
async function readPage(
  db: Kysely<Database>,
  { topic, after, limit, maxBytes }: Page,
): Promise<readonly LoggedEvent[]> {
  const rows = await db
    .with('page', (page) =>
      page
        .selectFrom('events')
        .select(['offset', 'body', 'last'])
        .select(sql<number>`sum(octet_length(body)) over (order by "offset")`.as('bytes'))
        .where('topic', '=', topic)
        .where('offset', '>', after)
        .orderBy('offset')
        .limit(limit),
    )
    .selectFrom('page')
    .innerJoin('topics', (on) => on.on('topics.name', '=', topic))
    .select(['page.offset', 'page.body', 'page.last', 'topics.epoch'])
    .where((on) => on.or([on('bytes', '<=', maxBytes), on('bytes', '=', sql<number>`octet_length(body)`)]))
    .orderBy('page.offset')
    .execute()
  return rows.map((row) => toEvent(topic, row))
}

interface Ending extends LastBounds {
  readonly topic: string
  readonly type: string
}

/** As `readPage`, from the end. `append` writes a body as it is given: its first member stands at the beginning. */
async function readLast(
  db: Kysely<Database>,
  { topic, type, limit, maxBytes, among }: Ending,
): Promise<readonly LoggedEvent[]> {
  const beginning = `{"type":${JSON.stringify(type)}`
  const rows = await db
    .with('found', (found) =>
      found
        .selectFrom('events')
        .select(['offset', 'body', 'last'])
        .where('topic', '=', topic)
        .where('offset', '>', (on) =>
          on
            .selectFrom('topics')
            .select(sql<number>`head - ${among}`.as('before'))
            .where('name', '=', topic),
        )
        .where(sql`substr(body, 1, ${[...beginning].length})`, '=', beginning)
        .orderBy('offset', 'desc')
        .limit(limit),
    )
    .with('page', (page) =>
      page
        .selectFrom('found')
        .selectAll()
        .select(sql<number>`sum(octet_length(body)) over (order by "offset" desc)`.as('bytes')),
    )
    .selectFrom('page')
    .innerJoin('topics', (on) => on.on('topics.name', '=', topic))
    .select(['page.offset', 'page.body', 'page.last', 'topics.epoch'])
    .where((on) => on.or([on('bytes', '<=', maxBytes), on('bytes', '=', sql<number>`octet_length(body)`)]))
    .orderBy('page.offset')
    .execute()
  return rows.map((row) => toEvent(topic, row))
}

type Row = Pick<Selectable<Database['events']>, 'offset' | 'body' | 'last'> & { readonly epoch: string }

function toEvent(topic: string, { epoch, offset, body, last }: Row): LoggedEvent {
  // What `append` wrote.
  return { topic, epoch, offset, body: JSON.parse(body) as EventBody, last: last === 1 }
}

function toHead(row: Selectable<Database['topics']>): LogHead {
  return { epoch: row.epoch, offset: row.head, oldest: row.oldest, closed: row.closed === 1 }
}
