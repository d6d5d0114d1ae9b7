import { Kysely, SqliteDialect } from 'kysely'
import { Refusal } from '../../core/errors.ts'
import { createChangeListeners } from '../../core/change-listeners.ts'
import { newSecret } from '../../core/secrets.ts'
import type { LoggedEvent } from '../../ports/event-log.ts'
import { type Records, type Store, StoreError } from '../../ports/store.ts'
import { migrate } from './migrate.ts'
import { keepCheckpoints } from './keep-checkpoints.ts'
import { type OpenSqlite, openNodeSqlite } from './node-sqlite.ts'
import { sqlRecords } from './records.ts'
import { retryWhileBusy } from './retry-while-busy.ts'
import type { Database } from './schema.ts'
import { createTransactionQueue } from './transaction-queue.ts'

export interface SqliteStoreOptions {
  /** The database file; made when it is not there. */
  readonly path: string
  /** Hears for how many ms each transaction held the event loop: the driver is synchronous. Must not throw. */
  readonly onHeld?: (ms: number) => void
}

/**
 * The store in one SQLite file, brought to the newest form first. One connection writes and one reads, so that a reader
 * never sees half a transaction. Throws a `StoreError` when the file cannot be opened, is no database, is newer than this
 * release, or stays locked by another process.
 */
export async function sqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { writer, reader, database } = await connect(options.path)
  const onHeld = options.onHeld ?? (() => {})
  const checkpoints = keepCheckpoints(options.path, database)
  const events = createCommittedEvents()
  const writing = sqlRecords(writer, events.append)
  const reading = sqlRecords(reader, () => {
    throw new TypeError('A read cannot append events.')
  })

  function committed(): void {
    checkpoints.committed()
    events.handOut()
  }

  // The first statement takes the snapshot that the whole batch sees.
  const begin = ['begin', 'select name from settings limit 1']
  const reads = createTransactionQueue({ db: reader, begin, writes: false, onHeld })
  // `immediate` takes the write lock at once: a deferred begin lost 132 of 2,000 transactions over 4 processes.
  const writes = createTransactionQueue({
    db: writer,
    begin: ['begin immediate'],
    writes: true,
    ready: checkpoints.ready,
    committed,
    onHeld,
  })

  const store: Pick<Store, 'read' | 'write'> = {
    read: (work) => reads.add(() => work(reading)),
    write: (work) => {
      let before = 0
      const run = () => {
        before = events.count()
        return work(writing)
      }
      return writes.add(run, () => events.dropFrom(before))
    },
  }

  async function close(): Promise<void> {
    await Promise.all([writes.close(), reads.close()])
    await checkpoints[Symbol.asyncDispose]()
    await reader.destroy()
    await writer.destroy()
  }

  return {
    id: await store.write(storeId).catch(async (error: unknown) => {
      await close()
      throw toStoreError(options.path, error)
    }),
    ...store,
    onCommitted: events.onCommitted,
    [Symbol.asyncDispose]: close,
  }
}

interface Connections {
  readonly writer: Kysely<Database>
  readonly reader: Kysely<Database>
  /** The writer's. */
  readonly database: OpenSqlite
}

async function connect(path: string): Promise<Connections> {
  const open = (readOnly: boolean) => retryWhileBusy(async () => openNodeSqlite(path, { readOnly }))
  const wrap = (database: () => Promise<OpenSqlite>) =>
    new Kysely<Database>({ dialect: new SqliteDialect({ database }) })
  let database: OpenSqlite | null = null
  const writer = wrap(async () => (database = await open(false)))
  try {
    await migrate(writer)
    if (database === null) throw new Error('The migration did not open the database.')
    return { writer, database, reader: wrap(() => open(true)) }
  } catch (error) {
    await writer.destroy()
    throw toStoreError(path, error)
  }
}

function toStoreError(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error
  if (error instanceof Refusal && error.code === 'OVERLOADED') {
    const sentence = `Another process holds the lock of the database ${path} and does not let go of it, such as one that is stopped or hangs.`
    return new StoreError(
      `${sentence} Nothing is wrong with the database: end that process and start again.`,
      'STORE_BUSY',
    )
  }
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreError(`The database ${path} cannot be used: ${reason}. Restore it from a backup, or move it away.`)
}

async function storeId({ settings }: Records): Promise<string> {
  const existing = await settings.get('storeId')
  if (existing !== null) return existing
  const id = newSecret(9)
  await settings.set('storeId', id, null)
  return id
}

/** The events of the transaction that is under way, and who hears of them once it is committed. */
function createCommittedEvents() {
  // One that breaks its promise not to throw must not undo what is committed.
  const listeners = createChangeListeners<readonly LoggedEvent[]>((error) => {
    process.emitWarning(error instanceof Error ? error : new Error(String(error)))
  })
  let appended: LoggedEvent[] = []

  return {
    append: (event: LoggedEvent) => void appended.push(event),
    count: () => appended.length,
    /** Those from that place on were rolled back. */
    dropFrom(count: number): void {
      appended.length = Math.min(count, appended.length)
    },
    handOut(): void {
      const events = appended
      appended = []
      if (events.length > 0) listeners.tell(events)
    },
    onCommitted: listeners.add,
  }
}
