import { Kysely, SqliteDialect } from 'kysely'
import { newSecret } from '../../core/secrets.ts'
import type { LoggedEvent } from '../../ports/event-log.ts'
import { type Records, type Store, StoreError } from '../../ports/store.ts'
import { migrate } from './migrate.ts'
import { openNodeSqlite } from './node-sqlite.ts'
import { sqlRecords } from './records.ts'
import { retryWhileBusy } from './retry-while-busy.ts'
import type { Database } from './schema.ts'
import { createTransactionQueue } from './transaction-queue.ts'

export interface SqliteStoreOptions {
  /** The database file; made when it is not there. */
  readonly path: string
}

/**
 * The store in one SQLite file, brought to the newest form first. One connection writes and one reads, so that a reader
 * never sees half a transaction. Throws a `StoreError` when the file cannot be opened, is no database, or is newer than
 * this release.
 */
export async function sqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { writer, reader } = await connect(options.path)
  const listeners = new Set<(events: readonly LoggedEvent[]) => void>()
  let appended: LoggedEvent[] = []
  const writing = sqlRecords(writer, (event) => appended.push(event))
  const reading = sqlRecords(reader, () => {
    throw new TypeError('A read cannot append events.')
  })

  function handOut(): void {
    const events = appended
    appended = []
    if (events.length > 0) for (const listener of listeners) hear(listener, events)
  }

  // The first statement takes the snapshot that the whole batch sees.
  const begin = ['begin', 'select name from settings limit 1']
  const reads = createTransactionQueue({ db: reader, begin, writes: false })
  // `immediate` takes the write lock at once: a deferred begin lost 132 of 2,000 transactions over 4 processes.
  const writes = createTransactionQueue({ db: writer, begin: ['begin immediate'], writes: true, committed: handOut })

  const store: Pick<Store, 'read' | 'write'> = {
    read: (work) => reads.add(() => work(reading)),
    write: (work) => {
      let before = 0
      const run = () => {
        before = appended.length
        return work(writing)
      }
      return writes.add(run, () => {
        appended.length = Math.min(before, appended.length)
      })
    },
  }

  async function close(): Promise<void> {
    await Promise.all([writes.close(), reads.close()])
    await reader.destroy()
    await writer.destroy()
  }

  return {
    id: await store.write(storeId).catch(async (error: unknown) => {
      await close()
      throw error
    }),
    ...store,
    onCommitted(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    [Symbol.asyncDispose]: close,
  }
}

async function connect(path: string): Promise<{ writer: Kysely<Database>; reader: Kysely<Database> }> {
  const open = (readOnly: boolean) =>
    new Kysely<Database>({
      dialect: new SqliteDialect({ database: () => retryWhileBusy(async () => openNodeSqlite(path, { readOnly })) }),
    })
  const writer = open(false)
  try {
    await migrate(writer)
    return { writer, reader: open(true) }
  } catch (error) {
    await writer.destroy()
    if (error instanceof StoreError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new StoreError(`The database ${path} cannot be used: ${reason}. Restore it from a backup, or move it away.`)
  }
}

async function storeId({ settings }: Records): Promise<string> {
  const existing = await settings.get('storeId')
  if (existing !== null) return existing
  const id = newSecret(9)
  await settings.set('storeId', id, null)
  return id
}

/** A listener that breaks its promise not to throw must not undo what is committed, nor keep the others from hearing of it. */
function hear(listener: (events: readonly LoggedEvent[]) => void, events: readonly LoggedEvent[]): void {
  try {
    listener(events)
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : new Error(String(error)))
  }
}
