import { sql, type Insertable, type Kysely, type Selectable } from 'kysely'
import { newSecret } from '../../core/secrets.ts'
import type { EventBody, EventLog, LoggedEvent, LogHead } from '../../ports/event-log.ts'
import { prepared } from './prepared.ts'
import type { Database } from './schema.ts'

/** 72 random bits: twelve characters of the cursor's forty. */
const newEpoch = () => newSecret(9)

/** How many topics one query names; SQLite allows 32,766 parameters. */
const namesPerQuery = 500

/**
 * `EventLog` in the tables `topics` and `events`. `appended` hears of each event when it is appended, which is before the
 * commit: the store passes them on afterwards.
 */
export function sqlEventLog(db: Kysely<Database>, appended: (event: LoggedEvent) => void): EventLog {
  return {
    async append(topic, body, options = {}) {
      const event = await append(db, topic, body, options.last ?? false)
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

async function append(db: Kysely<Database>, topic: string, body: EventBody, last: boolean): Promise<LoggedEvent> {
  const closed = last ? 1 : 0
  const [row] = await nextOffset(db, { topic, epoch: newEpoch(), closed })
  if (row === undefined) throw new TypeError(`The topic ${topic} is closed: nothing can be appended.`)
  const offset = row.head
  await insertEvent(db, { topic, offset, body: JSON.stringify(body), last: closed })
  return { topic, epoch: row.epoch, offset, body, last }
}

/** One statement makes the topic's row, or takes its next offset: who holds the row numbers the event. */
const nextOffset = prepared((db, { topic, epoch, closed }: { topic: string; epoch: string; closed: number }) =>
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
  return rows.map((row) => ({
    topic,
    epoch: row.epoch,
    offset: row.offset,
    body: JSON.parse(row.body) as EventBody, // what `append` wrote
    last: row.last === 1,
  }))
}

function toHead(row: Selectable<Database['topics']>): LogHead {
  return { epoch: row.epoch, offset: row.head, oldest: row.oldest, closed: row.closed === 1 }
}
