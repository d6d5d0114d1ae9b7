import { type Insertable, type Kysely, type Selectable, sql } from 'kysely'
import type { EventLog, Keep, LoggedEvent, LogHead } from '../../ports/event-log.ts'
import { createEpochs } from './create-epochs.ts'
import { blank, readBlanks } from './event-log/blank-epochs.ts'
import { forgetSurplus } from './event-log/forget-events.ts'
import { readLast, readPage } from './event-log/read-events.ts'
import { tidyTopics } from './event-log/tidy-topics.ts'
import { trimTopic } from './event-log/trim-topic.ts'
import { prepared } from './prepared.ts'
import type { Database } from './schema.ts'

/** How many topics one query names; SQLite allows 32,766 parameters. */
const namesPerQuery = 500

/**
 * `EventLog` in the tables `topics` and `events`. `appended` hears of each event when it is appended, which is before the
 * commit: the store passes them on afterwards.
 */
export function sqlEventLog(db: Kysely<Database>, appended: (event: LoggedEvent) => void): EventLog {
  return { ...writing(db, appended), ...reading(db), ...forgetting(db) }
}

function writing(
  db: Kysely<Database>,
  appended: (event: LoggedEvent) => void,
): Pick<EventLog, 'append' | 'appendIfThere' | 'ensure' | 'renewEpochs'> {
  const newEpoch = createEpochs()
  return {
    async append(topic, body, { last = false, keep } = {}) {
      const closed = last ? 1 : 0
      const [place] = await nextOffset(db, { topic, epoch: newEpoch(), closed, until: keep?.until })
      if (place === undefined) throw new TypeError(`The topic ${topic} is closed: nothing can be appended.`)
      const event = await append(db, { topic, body, last, keep }, place)
      appended(event)
      return event
    },
    async appendIfThere(topic, body, keep) {
      const [place] = await nextOffsetIfThere(db, { topic, until: keep.until })
      if (place === undefined) return null
      const event = await append(db, { topic, body, last: false, keep }, place)
      appended(event)
      return event
    },
    async ensure(topic, until) {
      await ensureTopic(db, { topic, epoch: newEpoch(), until })
    },
    async renewEpochs() {
      await sql`update topics set epoch = substr(lower(hex(randomblob(9))), 1, 12)`.execute(db)
    },
  }
}

function reading(db: Kysely<Database>): Pick<EventLog, 'head' | 'heads' | 'blanks' | 'read' | 'readLast'> {
  async function head(topic: string): Promise<LogHead> {
    const rows = await findHead(db, { topic })
    return headAmong(new Map(rows.map((row) => [row.name, row])), topic)
  }

  return {
    head,
    blanks: () => readBlanks(db),
    heads: (topics) => readHeads(db, topics),
    read: (topic, after, limit, maxBytes = Number.MAX_SAFE_INTEGER) => readPage(db, { topic, after, limit, maxBytes }),
    readLast: (topic, type, bounds) => readLast(db, { topic, type, ...bounds }),
  }
}

function forgetting(db: Kysely<Database>): Pick<EventLog, 'trim' | 'tidy' | 'remove'> {
  return {
    trim: (topic, upTo) => trimTopic(db, topic, upTo),
    tidy: (now, limit) => tidyTopics(db, now, limit),
    async remove(topic) {
      await db.deleteFrom('topics').where('name', '=', topic).execute()
    },
  }
}

interface Appending extends Pick<LoggedEvent, 'topic' | 'body' | 'last'> {
  readonly keep: Keep | undefined
}

/** Where an event goes: its offset is the head's. */
type Place = Pick<Selectable<Database['topics']>, 'epoch' | 'head' | 'oldest'>

async function append(
  db: Kysely<Database>,
  { topic, body, last, keep }: Appending,
  { epoch, head: offset, oldest }: Place,
): Promise<LoggedEvent> {
  const row = { topic, offset, body: JSON.stringify(body), last: last ? 1 : 0 }
  await insertEvent(db, keep === undefined ? row : { ...row, keep_until: keep.until })
  if (keep !== undefined) await forgetSurplus(db, topic, offset - oldest + 1 - keep.events)
  return { topic, epoch, offset, body, last }
}

interface NextOffset {
  readonly topic: string
  /** That of the topic if it is new. */
  readonly epoch: string
  /** 1 where the event is the last. */
  readonly closed: number
  /** Until when the event is kept: the topic is tidied when this has come for its oldest. */
  readonly until: number | undefined
}

/** One statement makes the topic's row, or takes its next offset: who holds the row numbers the event. */
const nextOffset = prepared((db, { topic, epoch, closed, until }: NextOffset) =>
  db
    .insertInto('topics')
    .values({ name: topic, epoch, head: 1, closed, ...(until === undefined ? {} : { tidy_at: until }) })
    .onConflict((on) =>
      on
        .column('name')
        .doUpdateSet({
          head: sql<number>`topics.head + 1`,
          closed,
          ...(until === undefined ? {} : { tidy_at: sql<number>`coalesce(topics.tidy_at, ${until})` }),
        })
        .where('topics.closed', '=', 0),
    )
    .returning(['epoch', 'head', 'oldest']),
)

const nextOffsetIfThere = prepared((db, { topic, until }: { readonly topic: string; readonly until: number }) =>
  db
    .updateTable('topics')
    .set({ head: sql<number>`head + 1`, tidy_at: sql<number>`coalesce(tidy_at, ${until})` })
    .where('name', '=', topic)
    .where('closed', '=', 0)
    .returning(['epoch', 'head', 'oldest']),
)

const insertEvent = prepared((db, event: Insertable<Database['events']>) => db.insertInto('events').values(event))

/** A topic that is there without a time until when it is wanted is there for ever, and stays so. */
const ensureTopic = prepared(
  (db, { topic, epoch, until }: { readonly topic: string; readonly epoch: string; readonly until: number }) =>
    db
      .insertInto('topics')
      .values({ name: topic, epoch, wanted_until: until })
      .onConflict((on) =>
        on
          .column('name')
          .doUpdateSet({ wanted_until: (of) => of.ref('excluded.wanted_until') })
          .whereRef('topics.wanted_until', '<', 'excluded.wanted_until'),
      ),
)

const findHead = prepared((db, { topic }: { readonly topic: string }) =>
  db.selectFrom('topics').select(headColumns).where('name', 'in', [topic, blank]),
)

const headColumns = ['name', 'epoch', 'head', 'oldest', 'closed'] as const

type HeadRow = Pick<Selectable<Database['topics']>, (typeof headColumns)[number]>

async function readHeads(db: Kysely<Database>, topics: readonly string[]): Promise<ReadonlyMap<string, LogHead>> {
  const rows = new Map<string, HeadRow>()
  if (topics.length === 0) return new Map()
  const asked = [blank, ...topics]
  for (let start = 0; start < asked.length; start += namesPerQuery) {
    const names = asked.slice(start, start + namesPerQuery)
    const found = await db.selectFrom('topics').select(headColumns).where('name', 'in', names).execute()
    for (const row of found) rows.set(row.name, row)
  }
  return new Map(topics.map((topic) => [topic, headAmong(rows, topic)]))
}

function headAmong(rows: ReadonlyMap<string, HeadRow>, topic: string): LogHead {
  const row = topic === blank ? undefined : rows.get(topic)
  if (row !== undefined) return { epoch: row.epoch, offset: row.head, oldest: row.oldest, closed: row.closed === 1 }
  const none = rows.get(blank)
  if (none === undefined) throw new Error('The row of the blank epoch is missing in the table topics.')
  return { epoch: none.epoch, offset: 0, oldest: 1, closed: false }
}
